"""Recipes: what to train and how, as validated TOML that states its source and the result to expect."""
