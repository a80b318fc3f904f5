"""From bytes to a Dataset: the catalogue, fetching, file formats, splits and exploration."""
