"""The catalogue's models of tables."""
