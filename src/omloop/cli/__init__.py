"""The command line: one thin file a command. omloop imports it only for a call."""

from omloop.cli.main import main

__all__ = [
    "main",
]
