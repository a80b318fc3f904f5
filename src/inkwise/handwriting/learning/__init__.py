"""What the reader learns from beside MNIST, and how its confidence is set. Reading itself needs neither."""
