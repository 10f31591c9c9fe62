"""Command lines that people copy into a shell."""

from __future__ import annotations

import shlex


def command_line(*words: object, **options: str | None) -> str:
    """Words and options as a shell takes them, without options that have no value.

    >>> command_line("omloop", "promote", "demo", "4f1c0b", reason="it's better", force=None)
    'omloop promote demo 4f1c0b --reason "it\\'s better"'
    >>> command_line("omloop", "rollback", "demo", reason="-1 % since noon")
    "omloop rollback demo '--reason=-1 % since noon'"
    """
    given = [
        word
        for name, value in options.items()
        if value
        for word in ([f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value])
    ]
    return " ".join(_quoted(str(word)) for word in (*words, *given))


def _quoted(word: str) -> str:
    """A word as a shell takes it; in double quotes where that reads better."""
    plain = "'" in word and not any(sign in word for sign in '"$`\\!\n')
    return f'"{word}"' if plain else shlex.quote(word)
