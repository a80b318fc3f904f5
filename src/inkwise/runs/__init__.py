"""The run folder: what a training leaves on disk, and opening it again."""
