"""The drawing page: its files, and how they are put together for a server or into one file."""

from inkwise.page.assemble import PageFile, asset_files, server_page, single_file

__all__ = ["PageFile", "asset_files", "server_page", "single_file"]
