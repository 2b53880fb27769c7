"""Main content: what belongs to the blocks that a head keeps, and what is never content, by its place and its words."""
