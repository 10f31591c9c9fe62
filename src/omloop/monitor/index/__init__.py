"""The index of a prediction log."""
