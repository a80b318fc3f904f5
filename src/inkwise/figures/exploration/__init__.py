"""Pictures of a data set: samples, labels, pixels, duplicates and doubtful labels."""
