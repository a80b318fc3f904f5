"""Networks with convolutions: the tutorials' and ours."""
