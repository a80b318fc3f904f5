"""inspection.html: what happens inside a network for one image, and its figures as files."""
