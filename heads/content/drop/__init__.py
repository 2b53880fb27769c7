"""Rules that drop blocks: what is no content by its text, its names, its element or its place."""
