"""Watching a served version, and what follows."""
