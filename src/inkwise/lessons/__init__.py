"""The tutorials as lessons: notebooks that run from top to bottom, kept as plain text in examples/."""
