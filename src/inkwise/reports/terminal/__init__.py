"""Results in words and tables, for a terminal."""
