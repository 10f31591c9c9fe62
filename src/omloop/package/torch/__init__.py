"""Networks of PyTorch as graphs."""
