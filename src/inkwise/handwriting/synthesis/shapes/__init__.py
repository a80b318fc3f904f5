"""What hands write, as control points: digits, letters, marks. Our own design, traced from nothing."""
