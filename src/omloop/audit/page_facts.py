"""Pages of Markdown, reStructuredText or plain text: their words, titles and pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]+src=[\"']([^\"']+)")
_REFERRED = re.compile(r"!\[([^\]]*)\](?:\[([^\]]*)\])?(?!\()")
"""`![words][name]`, `![name][]` and `![name]`, whose address stands elsewhere in the page."""
_ADDRESS = re.compile(r"^ {0,3}\[([^\]]+)\]:\s*<?([^\s>]+)", re.MULTILINE)
_FENCE = re.compile(r"^\s*(```|~~~)\s*(\w*)")
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
    return PageFacts(path, words, title, tuple(images), tuple(diagrams))


def _as_markdown(text: str) -> str:
    """A page of reStructuredText with its titles and pictures as Markdown has them, each in its line."""
    return _FIGURE.sub(r"![](\1)", _OVERLINE.sub("", _UNDERLINED.sub(r"# \1\n", text)))
