"""Rows of typed columns."""
