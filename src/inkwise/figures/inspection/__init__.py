"""Pictures of what happens inside a network for one image."""
