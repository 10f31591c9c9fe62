"""Trees of the boosting libraries as graphs."""
