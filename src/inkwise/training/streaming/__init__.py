"""Training on images that stay on the disk: the same loop, fed through a shuffle buffer."""
