"""Records: gathered, told of, ordered, and kept from what a model has seen or must not learn from."""
