"""The circuit in a throw-away workspace: shown, drilled, replayed."""
