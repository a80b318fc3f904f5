"""What was read on a picture, drawn on it."""
