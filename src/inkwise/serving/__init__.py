"""A classifier behind HTTP: `inkwise serve`. No PyTorch is imported, so that it answers at once."""
