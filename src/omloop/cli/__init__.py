"""The command line: one thin file a command, imported only when it is called."""

from omloop.cli.main import main

__all__ = [
    "main",
]
