"""Whole recipes side by side: accuracy, seconds, memory and size, and where the seconds go."""
