"""Rules that keep blocks: those like the blocks that a head keeps, and those that belong to them."""
