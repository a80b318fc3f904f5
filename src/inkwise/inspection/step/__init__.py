"""The training step of a run as a plain PyTorch program, and with real numbers why each line is there."""
