"""A course's report: found, checked and shown."""
