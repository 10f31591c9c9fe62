"""What is done with a version that is registered."""
