"""Many trainings of one project, and the best of them taken through the turn."""
