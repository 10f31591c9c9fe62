"""Starting, supervising and ending the processes that serve."""
