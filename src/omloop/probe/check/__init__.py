"""What a monitor asks of a server."""
