"""What a finished classifier is worth on images it has not learned from, with intervals and paired tests."""
