"""Work on a registered version."""
