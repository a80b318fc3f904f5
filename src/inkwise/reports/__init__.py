"""A run told to a person: one offline HTML page, and tables for the terminal."""
