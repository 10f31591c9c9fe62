"""Projects: found, configured, begun."""
