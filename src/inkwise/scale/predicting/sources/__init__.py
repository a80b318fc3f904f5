"""What is to be answered: where its files lie, which there are, how they are cut and read."""
