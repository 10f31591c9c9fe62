"""How each item of the check-list is looked for, by theme."""
