"""Jobs that were begun elsewhere, remembered in the workspace."""
