"""One turn of the circuit and its stages."""
