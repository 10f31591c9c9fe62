"""The server's own addresses."""
