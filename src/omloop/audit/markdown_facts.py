"""Markdown: its words, pictures and ticked boxes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]+src=[\"']([^\"']+)")
_REFERRED = re.compile(r"!\[([^\]]*)\](?:\[([^\]]*)\])?(?!\()")
"""`![words][name]`, `![name][]` and `![name]`, whose address stands elsewhere in the page."""
_ADDRESS = re.compile(r"^ {0,3}\[([^\]]+)\]:\s*<?([^\s>]+)", re.MULTILINE)
_FENCE = re.compile(r"^\s*(```|~~~)\s*(\w*)")


@dataclass(frozen=True)
class MarkdownFacts:
    """A page: how many words of prose it has, its title, the pictures that it shows, and the lines of its diagrams."""

    path: str
    words: int
    title: str
    images: tuple[tuple[int, str], ...]
    diagrams: tuple[int, ...]


def read_markdown(path: str, text: str) -> MarkdownFacts:
    """Read a page; what stands between fences is no prose."""
    words, title, images, diagrams, fence = 0, "", list[tuple[int, str]](), list[int](), ""
    addresses = {name.lower(): address for name, address in _ADDRESS.findall(text)}
    for number, line in enumerate(text.splitlines(), 1):
        if found := _FENCE.match(line):
            if not fence and found[2] in ("mermaid", "plantuml", "dot", "d2"):
                diagrams.append(number)
            fence = "" if fence == found[1] else fence or found[1]
            continue
        if fence:
            continue
        title = title or (line.lstrip("# ").strip() if line.startswith("# ") else "")
        images += [(number, unquote(one or other)) for one, other in _IMAGE.findall(line)]
        named = [(name or alt).lower() for alt, name in _REFERRED.findall(line)]
        images += [(number, unquote(addresses[name])) for name in named if name in addresses]
        words += 0 if line.startswith(("#", "|", "    ")) else len(re.findall(r"[^\W\d_]{2,}", _IMAGE.sub("", line)))
    return MarkdownFacts(path, words, title, tuple(images), tuple(diagrams))
