"""What training data looked like, for drift to be held against."""
