"""Pages of Markdown, reStructuredText or plain text: their words, titles and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from omloop.audit.fences import fenced_blocks

_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]+src=[\"']([^\"']+)")
_REFERRED = re.compile(r"!\[([^\]]*)\](?:\[([^\]]*)\])?(?!\()")
"""`![words][name]`, `![name][]` and `![name]`, whose address stands elsewhere in the page."""
_ADDRESS = re.compile(r"^ {0,3}\[([^\]]+)\]:\s*<?([^\s>]+)", re.MULTILINE)
_DIAGRAM = re.compile(r"[{.]?(?:mermaid|plantuml|dot|d2)\b")
_TOCTREE = re.compile(r"[ \t]*(?:\.\. toctree::|[`:]{3,}[ ]?\{toctree\})")
_OPTION = re.compile(r":|#|---|\.\. |[a-z]+:(?![^<]*<)\s")
"""What a table of contents has beside its entries: options, as `:hidden:` or `hidden: true`, and comments."""
_FROM_CODE = re.compile(r"[ \t]*(?:\.\. |[`:]{3,}[ ]?\{)auto(?:module|class|function|summary)")
# Of reStructuredText.
_UNDERLINED = re.compile(r"^(\S.*)\n([=*~^#+-])\2{2,}[ \t]*$", re.MULTILINE)
_OVERLINE = re.compile(r"^([=*~^#+-])\1{2,}[ \t]*$", re.MULTILINE)
_FIGURE = re.compile(r"^[ \t]*\.\. (?:image|figure)::[ \t]*(\S+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class PageFacts:
    """A page: how many words of prose it has, its title, the pictures that it shows, and the lines of its diagrams.

    `contents` has the pages that its Sphinx tables of contents name, with their lines. `from_code` tells whether Sphinx
    fills it from docstrings.
    """

    path: str
    words: int
    title: str
    images: tuple[tuple[int, str], ...]
    diagrams: tuple[int, ...]
    contents: tuple[tuple[int, str], ...] = ()
    from_code: bool = False


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
    from_code = any(map(_FROM_CODE.match, lines))
    return PageFacts(path, words, title, tuple(images), diagrams, tuple(_contents(lines)), from_code)


def _contents(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The entries of `.. toctree::` and of MyST's `{toctree}`, without options and titles."""
    within, margin = False, 0
    for number, line in enumerate(lines, 1):
        text, indent = line.strip(), len(line) - len(line.lstrip())
        if _TOCTREE.match(line):
            within, margin = True, 0 if "{" in line else indent + 1
        elif text.startswith(("```", ":::")) or (text and indent < margin):
            within = False
        elif within and text and not _OPTION.match(text):
            yield number, text.rpartition("<")[2].rstrip("> ")


def _as_markdown(text: str) -> str:
    """A page of reStructuredText with its titles and pictures as Markdown has them, each in its line."""
    return _FIGURE.sub(r"![](\1)", _OVERLINE.sub("", _UNDERLINED.sub(r"# \1\n", text)))
