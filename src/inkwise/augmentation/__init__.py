"""Changes of training images that keep their class: whole batches at once, and nothing at strength 0."""
