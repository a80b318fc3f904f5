"""Parquet files in the Hugging Face layout: a column `image` and a column `label`."""
