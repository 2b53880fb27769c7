"""Questions: from the blocks that a head keeps for a query to a whole answer."""
