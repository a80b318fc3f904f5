"""Answers to a million images and more: cut into blocks, worked on by Ray, gone on with after any end."""
