"""Tables in Markdown, of text that is not ours."""

from collections.abc import Sequence


def escape_markdown(text: str) -> str:
    """Text that stays text in a Markdown table: no tag, no link, no new cell, no new line.

    >>> escape_markdown("<b>[a|b]")
    '&lt;b&gt;\\\\[a\\\\|b\\\\]'
    """
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join("".join(f"\\{letter}" if letter in "\\|[]`*" else letter for letter in safe).split())


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are safe already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
