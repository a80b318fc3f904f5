"""Our speed beside a plain-PyTorch baseline written the tutorials' way, in one run, as ratios."""
