"""Texts as they come, made plain: without HTML, in one Unicode form, on one line."""

import html
import re
import unicodedata

# No pattern runs past the next "<", so a text full of them costs no more than its length.
_TAG = re.compile(r"<(?:[/!?]?[A-Za-z]|!--)[^<>]*>")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_ROUNDS = 4


def plain(text: str) -> str:
    """The text without HTML tags, entities as their characters, NFC, white space and control characters as one space.

    A plain text stays as it is, so calling `plain` twice does no harm.

    >>> plain("Fine &amp; good.<br /><br />See  it!")
    'Fine & good. See it!'
    """
    for _ in range(_ROUNDS):
        text = _once(text)
        if not (_TAG.search(text) or html.unescape(text) != text):
            return text
    # What still hides marks inside marks after so many rounds was made to: none of it is a mark any more.
    return _once(text.replace("&", " ").replace("<", " "))


def _once(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text)).strip()
