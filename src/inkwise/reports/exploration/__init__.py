"""What `inkwise explore` shows: the page with its pictures, and the text for a terminal."""
