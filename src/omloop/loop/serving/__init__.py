"""Serving a version, and what is asked of it and told to it."""
