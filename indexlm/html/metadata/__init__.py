"""What a page states of itself, or shows of itself to its readers: title, authors, dates."""
