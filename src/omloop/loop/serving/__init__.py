"""Serving a version, its predictions and its labels."""
