"""The drawing page: its files, and how they are put together for a server or into one file."""
