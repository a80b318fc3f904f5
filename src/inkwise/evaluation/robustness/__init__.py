"""How a classifier does on images that are not quite like those it learned from."""
