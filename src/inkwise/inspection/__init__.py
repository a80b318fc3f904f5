"""What happens inside a network for one image, layer by layer, and what is wrong with a training."""
