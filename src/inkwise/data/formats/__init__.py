"""One file a format: each turns what a person has on disk into a Part of images and labels."""
