"""What is odd in data."""
