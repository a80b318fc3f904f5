"""Pictures of a data set: its images, its labels, its pixels, what is there twice and what is doubtful."""
