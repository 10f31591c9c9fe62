"""A report as one web page: its pictures inside it, a table of contents, nothing fetched and nothing run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omloop.report.course.answers import Document
from omloop.report.course.limits import LIMITS, NEWEST, QUESTIONS
from omloop.report.page import whole_page

if TYPE_CHECKING:
    from omloop.report.course.markdown_html import Heading

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may do with the page: show it. Styles are ours alone, since no tag of the report becomes one."""
HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="referrer" content="no-referrer">'
STYLE = """
a{color:var(--link)}
.report{display:grid;gap:1rem 2.5rem}
main{min-width:0;max-width:46rem}
main h2{border-bottom:1px solid var(--line);padding-bottom:.3rem}main h3{margin:1.8rem 0 .4rem;font-size:1.05rem}
main p{margin:.6rem 0}
main img{max-width:100%;height:auto;display:block;margin:.5rem 0;border-radius:.3rem;background:#fff}
main ul,main ol{padding-left:1.5rem}li.task{list-style:none;position:relative}li.task>p{display:inline}
input{appearance:none;width:1em;height:1em;margin:0;border:.1em solid var(--dim);border-radius:.2em;
print-color-adjust:exact;position:absolute;left:-1.4rem;top:.3em}
input:checked{background:var(--bar);border-color:var(--bar)}
input:checked::before{content:"\\2713";position:absolute;inset:0;color:var(--paper);
font:bold .8em/1 sans-serif;text-align:center}
blockquote{margin:.7rem 0;padding:.1rem .9rem;border-left:4px solid var(--line);color:var(--dim)}
code{font-size:.88em;background:var(--card);border-radius:.25rem;padding:.1em .3em}
pre{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.7rem .9rem;white-space:pre-wrap}
pre code{padding:0;background:none}
hr{border:0;border-top:1px solid var(--line);margin:2rem 0}
.missing{display:block}.path{border-bottom:1px dotted var(--dim)}
nav{font-size:.88rem}nav h2{margin-top:0}
nav ol{list-style:none;margin:0;padding:0}nav li{margin:.15rem 0}nav .deeper{padding-left:.9rem}
nav a{text-decoration:none}nav a:hover,nav a:focus{text-decoration:underline}
@media(min-width:62rem){.report{grid-template-columns:16rem minmax(0,1fr)}
nav{position:sticky;top:0;max-height:100vh;overflow-y:auto;padding:1rem 0}}
@media print{:root{color-scheme:light;--ink:#000;--dim:#444;--paper:#fff;--card:#f6f6f6;--line:#bbb;--link:#000;
--warn:#8a3a06;--warn-paper:#fff}
body{max-width:none;padding:0;font-size:11pt}.report{display:block}main{max-width:none}
nav{position:static;max-height:none;columns:3}nav li{break-inside:avoid}
h1,h2,h3,h4{break-after:avoid}img,pre,tr,blockquote{break-inside:avoid}main img{max-height:20cm}
main a[href^=http]::after{content:" (" attr(href) ")";font-size:.85em;overflow-wrap:anywhere}}
"""
_FRONT_MATTER = re.compile(r"\A---\n[\w-]+:[^\n]*\n(?:(?:[\w-]+:|[ \t]|- |#)[^\n]*\n){0,500}---\n")
_QUESTION = re.compile(r"question (\d{1,2})\b", re.IGNORECASE)
_DEEPEST = 3
_LONGEST = 80
"""Characters of a heading in the contents: text with a line of dashes below it is a heading, too."""


def course_page(document: Document, name: str, picture: Callable[[str], str]) -> str:
    """The whole HTML page of a report called `name`.

    `picture` turns a path into a `data:...` address that holds the picture. Without a picture it raises LookupError,
    which says why.
    """
    from omloop.report.course.markdown_html import render_markdown

    text = _FRONT_MATTER.sub("", document.text.removeprefix("\ufeff"))
    made = render_markdown(text, lambda path, words: _picture(path, words, picture))
    title = next((one.words for one in made.headings if one.level == 1 and one.words), name)
    top, end, rest = made.html.partition("</h1>") if made.html.startswith("<h1") else ("", "", made.html)
    body = f'{top}{end}<div class="report">{_contents(made.headings)}<main>{rest}</main></div>'
    return whole_page(title, body, style=STYLE, head=HEAD)


def _contents(headings: Sequence[Heading]) -> str:
    is_newest = max((_question(one) for one in headings), default=0) == QUESTIONS
    rows = "".join(
        f'<li{" class=deeper" if one.level == _DEEPEST else ""}><a href="#{escape(one.anchor)}">'
        f"{escape(_cut(one.words))}{_about(_question(one)) if is_newest else ''}</a></li>"
        for one in headings
        if 1 < one.level <= _DEEPEST
    )
    return f'<nav aria-label="Contents"><h2>Contents</h2><ol>{rows}</ol></nav>' if rows else ""


def _question(heading: Heading) -> int:
    """The number of a question's heading, or 0."""
    found = _QUESTION.match(heading.words.strip())
    return int(found[1]) if found else 0


def _about(number: int) -> str:
    """What a question is about, in our words."""
    return f' <span class="dim">{escape(LIMITS[NEWEST][number - 1].about)}</span>' if 0 < number <= QUESTIONS else ""


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _picture(path: str, words: str, picture: Callable[[str], str]) -> str:
    """A picture, a link to one on another host, which the page never fetches, or a note in its place."""
    if path.lower().startswith(("http://", "https://")):
        told = f"{words or 'a picture'} (picture at {urlsplit(path).netloc[:80]})"
        return f'<a href="{escape(path)}" rel="noopener noreferrer">{escape(told)}</a>'
    try:
        return f'<img src="{escape(picture(path))}" alt="{escape(words)}">'
    except LookupError as error:
        told = f"{words}: {error.args[0]}" if words else str(error.args[0])
        return f'<span class="finding warning missing"><b>No picture</b> {escape(told)}</span>'
