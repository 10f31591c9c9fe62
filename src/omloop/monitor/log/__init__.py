"""The segments of a prediction log."""
