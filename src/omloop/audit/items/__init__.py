"""The functions that look for each item of the check-list, by theme."""
