"""The multilayer perceptrons of the tutorials: linear layers and ReLU alone."""
