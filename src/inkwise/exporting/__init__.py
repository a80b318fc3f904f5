"""A classifier as a file that runs elsewhere, with its preprocessing inside."""
