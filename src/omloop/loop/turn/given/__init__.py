"""A model that its owner trained: its inputs and outputs, inferred from the model and from examples."""
