"""The architectures, one a file; each states its source, its parameter count and the shape after each line.

Every network takes float32 images of shape (N, 1, 28, 28), as a Preprocessing makes them.
"""
