"""Answering whole files, folders and zips, block by block: see docs/decisions/0063-a-batch-is-read-in-blocks.md."""
