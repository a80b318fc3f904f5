"""Several seeds of one recipe trained at once, by operations over all of them."""
