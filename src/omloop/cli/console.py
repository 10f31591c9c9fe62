"""The one door to the terminal: it prints a user's text as it stands, and no terminal can end a command."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPED = 110
"""Columns of a table that nobody's terminal bounds."""
# Control characters (C0 but newline, DEL, C1), Unicode's own ends of lines, and those that turn the direction of
# writing: a terminal obeys the first (ECMA-48), a table loses what is behind the second, a reader is misled by the
# third (Unicode TR 36, "bidirectional text spoofing").
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""The same text with every character that steers a terminal written out.

    >>> print(visible("a\x1b[31mb [bold]c"))
    a\x1b[31mb [bold]c
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def bear_any_terminal() -> None:
    """Let both streams write out, as `\\xe9`, what their encoding lacks, in place of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def is_unicode() -> bool:
    """Whether standard output can carry any character."""
    return (sys.stdout.encoding or "ascii").lower().replace("-", "").startswith("utf")


def console(*, stderr: bool = False) -> Console:
    """A console that takes every string literally: no markup, no emoji codes, no guessed highlights."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True, width=width, file=stream)


def style_line(*parts: str | tuple[str, str]) -> object:
    """One line made of literal parts, some of them with a style: `styled(("iris", "bold"), ": 150 rows")`."""
    from rich.text import Text

    return Text.assemble(*((visible(p), "") if isinstance(p, str) else (visible(p[0]), p[1]) for p in parts))
