"""The HTML that a Markdown reader takes from a stranger: comments, which it drops, line breaks and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_PICTURE = re.compile(r"<img(?=\s)([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<=\s)([^\s"'/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=]+))""")
_OPEN, _CLOSE = "<!--", "-->"
_MARK = len("<!")
"""Where the end may begin: `<!-->` is a whole comment."""
_UNCLOSED = "unclosed"


def take_html(reader: MarkdownIt) -> None:
    """Put the rules in place of those for HTML of any kind; every other tag is text."""
    before = {"alt": ["paragraph", "reference", "blockquote"]}
    reader.block.ruler.at("html_block", _comment_block, before)  # type: ignore[arg-type]
    reader.inline.ruler.at("html_inline", _inline)


def _comment_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Drop a comment that begins a line, up to its end or that of the quote or list around it, as GitHub does.

    What follows the comment in its last line is a paragraph.
    """
    begin = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not state.src.startswith(_OPEN, begin):
        return False
    if silent:
        return True
    rest, mark, place = "", "", begin + _MARK
    state.line = first
    while not mark and state.line < end and (state.isEmpty(state.line) or state.sCount[state.line] >= state.blkIndent):
        place = max(place, state.bMarks[state.line])
        _, mark, rest = state.src[place : state.eMarks[state.line]].partition(_CLOSE)
        state.line += 1
    if rest.strip():
        state.push("paragraph_open", "p", 1)
        state.push("inline", "", 0).content = rest.strip()
        state.tokens[-1].children = []
        state.push("paragraph_close", "p", -1)
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    if state.src.startswith(_OPEN, state.pos):
        return _comment(state)
    if found := _BREAK.match(state.src, state.pos, state.posMax):
        if not silent:
            state.push("hardbreak", "br", 0)
    elif found := _PICTURE.match(state.src, state.pos, state.posMax):
        if not silent:
            _push_picture(state, _attributes(found[1]))
    else:
        return False
    state.pos = found.end()
    return True


def _comment(state: StateInline) -> bool:
    """Pass over a comment; one that nobody closes is text, and no later one of that text looks for an end."""
    place = (id(state.src), state.posMax)
    if state.env.get(_UNCLOSED) == place:
        return False
    end = state.src.find(_CLOSE, state.pos + _MARK, state.posMax)
    if end < 0:
        state.env[_UNCLOSED] = place
        return False
    state.pos = end + len(_CLOSE)
    return True


def _push_picture(state: StateInline, attributes: Mapping[str, str]) -> None:
    token = state.push("image", "img", 0)
    token.attrs = {"src": attributes.get("src", "").strip()}
    token.children = [Token("text", "", 0, content=attributes.get("alt", ""))]


def _attributes(text: str) -> Mapping[str, str]:
    """The attributes of a tag; of two with one name the first counts."""
    found = reversed(list(_ATTRIBUTE.finditer(text)))
    return {one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in found}
