"""A model that its owner trained: what it reads and answers, found out from the model and from examples."""
