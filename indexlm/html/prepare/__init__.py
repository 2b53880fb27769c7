"""What is done to the tree of a page before it is walked, so that it stands there as readers see it."""
