"""Markdown of a stranger as HTML: no tag, no script and no address of theirs, but links that a reader follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from omloop.report.course.html_rules import take_html

_LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_BOX = re.compile(r"\[([ xX-])\](?=\s)\s*")
_DONE = {" ": "not done", "-": "not done", "x": "done", "X": "done"}
_NOT_IN_ID = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Heading:
    """A heading of the page: how deep, the anchor, the words."""

    level: int
    anchor: str
    words: str


@dataclass(frozen=True)
class Rendered:
    """HTML, and the headings in it."""

    html: str
    headings: Sequence[Heading]


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Let every address pass: a later step decides what may be a link, and shows the rest as words."""
        return True


def render_markdown(text: str, picture: Callable[[str, str], str]) -> Rendered:
    """The HTML of a text. `picture` makes HTML of a picture's path and words.

    A comment disappears, `<br>` is a line break and `<img>` a picture. Every other tag appears as text, and so does a
    link that is neither http, https, mailto nor within the page.
    """
    reader = _Reader("commonmark", {"html": False}).enable(["table", "strikethrough"])
    take_html(reader)
    tokens = list(_in_boxes(reader.parse(text)))
    headings = list(_headings(tokens))
    for token in tokens:
        if token.children is not None:
            token.children = list(_inline(token.children, picture))
    return Rendered(reader.renderer.render(tokens, reader.options, {}), headings)


def _raw(html: str) -> Token:
    """HTML of ours among the tokens; the parser makes none of these where tags are off."""
    return Token("html_inline", "", 0, content=html)


def _inline(tokens: Sequence[Token], picture: Callable[[str, str], str]) -> Iterator[Token]:
    ends: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrGet("href") or "")
            ends.append(bool(_LINK.match(href)))
            if ends[-1]:
                token.attrs = {"href": href, "rel": "noopener noreferrer"}
                yield token
            else:
                yield _raw(f'<span class="path" title="{escape(href[:300])}">')
        elif token.type == "link_close":
            yield token if ends.pop() else _raw("</span>")
        elif token.type == "image":
            words = _words(token.children or ())
            shown = picture(str(token.attrGet("src") or ""), words)
            yield _raw(re.sub(r"</?a\b[^>]*>", "", shown) if any(ends) else shown)
        else:
            yield token


def _in_boxes(tokens: Sequence[Token]) -> Iterator[Token]:
    """Tables within a box that scrolls, and items of a list of tasks with a box to tick."""
    before: list[Token] = []
    for token in tokens:
        if token.type == "inline" and [one.type for one in before[-2:]] == ["list_item_open", "paragraph_open"]:
            _tick(token, before[-2])
        before = [*before[-1:], token]
        if token.type == "table_open":
            yield _raw('<div class="table" tabindex="0">')
        yield token
        if token.type == "table_close":
            yield _raw("</div>")


def _tick(inline: Token, item: Token) -> None:
    first = next(iter(inline.children or ()), None)
    box = _BOX.match(first.content + " ") if first is not None and first.type == "text" else None
    if first is None or box is None:
        return
    first.content = first.content[box.end() :]
    done = _DONE[box[1]]
    checked = " checked" if done == "done" else ""
    inline.children = [
        _raw(f'<input type="checkbox" disabled{checked} aria-label="{done}"> '),
        *(inline.children or ()),
    ]
    item.attrSet("class", "task")


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """The headings; each gets its anchor, as GitHub makes it."""
    taken: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        words = _words(inline.children or ())
        name = _NOT_IN_ID.sub("", words.strip().lower()).replace(" ", "-") or "section"
        count = taken.get(name, 0)
        taken[name] = count + 1
        anchor = f"{name}-{count}" if count else name
        token.attrSet("id", anchor)
        yield Heading(int(token.tag[1:]), anchor, words)


def _words(tokens: Sequence[Token]) -> str:
    """The text of inline tokens without what marks it."""
    kinds = {"text", "code_inline", "image", "text_special"}
    return "".join(
        " " if one.type.endswith("break") else one.content
        for one in tokens
        if one.type in kinds or one.type.endswith("break")
    )
