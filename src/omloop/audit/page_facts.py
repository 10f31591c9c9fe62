"""Pages of Markdown, reStructuredText or plain text: their words, titles and pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from omloop.core import fenced_blocks

_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]+src=[\"']([^\"']+)")
_REFERRED = re.compile(r"!\[([^\]]*)\](?:\[([^\]]*)\])?(?!\()")
"""`![words][name]`, `![name][]` and `![name]`, whose address stands elsewhere in the page."""
_ADDRESS = re.compile(r"^ {0,3}\[([^\]]+)\]:\s*<?([^\s>]+)", re.MULTILINE)
_DIAGRAM = re.compile(r"[{.]?(?:mermaid|plantuml|dot|d2)\b")
# Of reStructuredText.
_UNDERLINED = re.compile(r"^(\S.*)\n([=*~^#+-])\2{2,}[ \t]*$", re.MULTILINE)
_OVERLINE = re.compile(r"^([=*~^#+-])\1{2,}[ \t]*$", re.MULTILINE)
_FIGURE = re.compile(r"^[ \t]*\.\. (?:image|figure)::[ \t]*(\S+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class PageFacts:
    """A page: how many words of prose it has, its title, the pictures that it shows, and the lines of its diagrams."""

    path: str
    words: int
    title: str
    images: tuple[tuple[int, str], ...]
    diagrams: tuple[int, ...]


def read_page(path: str, text: str) -> PageFacts:
    """Read a page; what stands between fences is no prose."""
    if not path.lower().endswith((".md", ".markdown")):
        text = _as_markdown(text)
    words, title, images, lines = 0, "", list[tuple[int, str]](), text.splitlines()
    blocks = list(fenced_blocks(lines))
    fenced = {number for block, _ in blocks for number in block}
    addresses = {name.lower(): address for name, address in _ADDRESS.findall(text)}
    for number, line in enumerate(lines, 1):
        if number in fenced:
            continue
        title = title or (line.lstrip("# ").strip() if line.startswith("# ") else "")
        images += [(number, unquote(one or other)) for one, other in _IMAGE.findall(line)]
        named = [(name or alt).lower() for alt, name in _REFERRED.findall(line)]
        images += [(number, unquote(addresses[name])) for name in named if name in addresses]
        words += 0 if line.startswith(("#", "|", "    ")) else len(re.findall(r"[^\W\d_]{2,}", _IMAGE.sub("", line)))
    diagrams = tuple(block.start for block, info in blocks if _DIAGRAM.match(info))
    return PageFacts(path, words, title, tuple(images), diagrams)


def _as_markdown(text: str) -> str:
    """A page of reStructuredText with its titles and pictures as Markdown has them, each in its line."""
    return _FIGURE.sub(r"![](\1)", _OVERLINE.sub("", _UNDERLINED.sub(r"# \1\n", text)))
