"""What a data set holds, before anything is trained on it: shares, duplicates, leaks, doubtful labels."""
