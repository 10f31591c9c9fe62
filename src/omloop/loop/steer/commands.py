"""The command lines that do the same as routes."""

from __future__ import annotations

import shlex


def command_line(*words: str, **options: str | None) -> str:
    """The command line that does the same as a route, as a shell takes it; options without a value are left out.

    >>> command_line("promote", "demo", "4f1c0b", reason="it's better", force=None)
    'omloop promote demo 4f1c0b --reason "it\\'s better"'
    >>> command_line("rollback", "demo", reason="-1 % since noon")
    "omloop rollback demo '--reason=-1 % since noon'"
    """
    given = [
        word
        for name, value in options.items()
        if value
        for word in ([f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value])
    ]
    return " ".join(map(_quoted, ["omloop", *words, *given]))


def _quoted(word: str) -> str:
    """A word as a shell takes it; in double quotes where that reads better."""
    plain = "'" in word and not any(sign in word for sign in '"$`\\!\n')
    return f'"{word}"' if plain else shlex.quote(word)
