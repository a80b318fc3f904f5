"""The HTTP API and the drawing page of `inkwise serve`. Needs no PyTorch."""
