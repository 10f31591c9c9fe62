"""Runs that were: found, tagged and compared."""
