"""Handwriting that nobody wrote: strokes, pens, paper and cameras by rendering, with the truth known."""
