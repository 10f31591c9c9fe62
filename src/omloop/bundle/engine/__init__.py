"""What runs a packaged graph."""
