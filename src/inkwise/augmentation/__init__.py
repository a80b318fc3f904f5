"""Changes of training images that leave what they show the same: whole batches at once, nothing at strength 0."""
