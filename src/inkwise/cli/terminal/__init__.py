"""What commands show while they work: bars and live lines at a terminal, plain lines elsewhere."""
