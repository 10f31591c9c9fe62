"""What the training data looked like: the baseline for drift."""
