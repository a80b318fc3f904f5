"""Whole jobs made of the parts: train and evaluate, compare, reproduce the tutorials, measure speed."""
