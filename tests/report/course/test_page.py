"""A report as a page: it shows what Markdown says, and runs and fetches nothing of it."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chromium import CONTRAST, FAULTS
from tests.report.course.synthetic import PICTURE, report, words

from omloop.loop.report.pictures import ReportPictures
from omloop.report.course import document_of
from omloop.report.course.markdown_html import render_markdown
from omloop.report.course.page import POLICY, course_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
HOSTILE = """
<script>document.title = "owned"</script> <img src=x onerror="document.title='owned'"> <svg onload=alert(1)>

<iframe src="https://evil.example"></iframe>

<style>*{display:none}</style><meta http-equiv="refresh" content="0;url=https://evil.example">

[a](javascript:document.title='owned') [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>1</script>) [d](vbscript:1)
[e](&#106;avascript:alert(1)) [f](java\nscript:alert(1)) <javascript:alert(1)> [g]( javascript:alert(1))

![h](javascript:alert(1)) ![i](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+) ![j](https://evil.example/a.png)

[k](https://x.example/"onmouseover="alert(1)) ![" onerror="alert(1)](figures/seen.png "\\" onerror=\\"alert(1)")

[l]: javascript:alert(1)

[l] [![m](https://evil.example/b.png)](javascript:alert(1)) [n](//evil.example)

# <img src=x onerror=alert(1)> ![o](https://evil.example/c.png) {#owned}

```<script>
</code></pre><script>document.title = "owned"</script>
```

| <script>alert(1)</script> | b |
|:-:|--|
| ![p](https://evil.example/d.png) | `</td><script>alert(1)</script>` |

- [ ] <input autofocus onfocus=alert(1)>
- [x] done &lt;script&gt;
"""
PARTS = [
    "<",
    ">",
    '"',
    "'",
    "&",
    "[",
    "]",
    "(",
    ")",
    "!",
    "![a](b)",
    "[c](javascript:d)",
    "`",
    "\n",
    "\n\n",
    "# ",
    "> ",
]
PARTS += [
    "- [x] ",
    "| a |\n|-|\n",
    "<script>",
    " onerror=",
    "https://e.example",
    "```",
    "&#60;",
    "\\",
    "a",
    "<a href=x>",
    "<!--",
    "-->",
    "<br>",
    "<img src=",
    "'b.png' ",
    " alt=",
    "x>",
]
WRITTEN = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)
LOUD = "<img src='https://evil.example/z.png' onerror='document.title=1'>"

TASK = f'<ul id="long"><li class="task"><input type="checkbox"><span>{"task " * 99}</span></li></ul>'


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def made(text: str, picture: Callable[[str], str] = lambda _: DOT) -> str:
    return course_page(document_of(text), "report", picture)


def require_harmless(page: str) -> None:
    for tag, attributes in Tags(page).found:
        assert tag not in {"script", "iframe", "svg", "object", "embed", "form", "base", "link"}
        assert not [name for name in attributes if name.startswith("on")]
        assert (
            not (attributes.get("src") or DOT).startswith(("http", "javascript", "//")) and "srcset" not in attributes
        )
        if tag == "a":
            assert (attributes["href"] or "").lower().startswith(("http://", "https://", "mailto:", "#"))
    assert [tag for tag, _ in Tags(page).found].count("style") == 1
    assert [tag for tag, _ in Tags(page).found].count("meta") == 4


def test_nothing_hostile_becomes_a_tag() -> None:
    page = made(HOSTILE)
    require_harmless(page)
    assert "&lt;script&gt;document.title" in page and POLICY in page


@given(WRITTEN)
def test_nothing_that_can_be_written_becomes_a_tag(text: str) -> None:
    require_harmless(made(text))


def test_links_are_followed_where_they_are_links() -> None:
    page = made(
        "[a](https://a.example/x?y=1&z=2) <mailto:b@b.example> [c](#d) [e](../src/train.py) [f](HTTP://g.example)"
    )
    links = [attributes for tag, attributes in Tags(page).found if tag == "a"]
    assert [one["href"] for one in links] == [
        "https://a.example/x?y=1&z=2",
        "mailto:b@b.example",
        "#d",
        "HTTP://g.example",
    ]
    assert {one["rel"] for one in links} == {"noopener noreferrer"}
    assert '<span class="path" title="../src/train.py">e</span>' in page


def test_a_remote_picture_is_a_link_and_within_a_link_words() -> None:
    page = made("![a](https://x.example/a.png) [![b](https://y.example/b.svg)](https://ci.example)")
    assert [attributes["href"] for tag, attributes in Tags(page).found if tag == "a"] == [
        "https://x.example/a.png",
        "https://ci.example",
    ]
    assert "a (picture at x.example)" in page and "b (picture at y.example)" in page and "<img" not in page


def test_a_missing_picture_is_a_note_where_it_would_be() -> None:
    def none(path: str) -> str:
        raise LookupError(f"'{path}' is <gone>")

    assert "<b>No picture</b> seen: &#x27;figures/seen.png&#x27; is &lt;gone&gt;</span>" in made(PICTURE, none)


def test_contents_lead_to_each_question() -> None:
    page = made(report() + "\n## What we did\n")
    anchors = [attributes["id"] for _, attributes in Tags(page).found if "id" in attributes]
    leads = [(attributes["href"] or "")[1:] for tag, attributes in Tags(page).found if tag == "a"]
    assert leads == anchors[1:] and {"question-31", "what-we-did", "what-we-did-1"} <= set(leads)
    assert "<h1" in page and page.index("<h1") < page.index("<nav") < page.index("<main>")


@pytest.mark.parametrize(("behind", "subjects"), [("", 31), (" (Mia)", 31), (".", 31), ("7", 0)])
def test_the_contents_tell_what_a_question_is_about(behind: str, subjects: int) -> None:
    page = made("".join(f"### Question {number}{behind}\n" for number in range(1, 32)))
    assert page.count('<span class="dim">') == subjects


def test_the_contents_of_an_older_report_tell_no_subjects_of_the_newest() -> None:
    page = made(report(skip=range(28, 32)))
    assert "Question 27" in page and '<span class="dim">' not in page


def test_a_paragraph_that_became_a_heading_is_cut_in_the_contents() -> None:
    page = made(f"{words(40, 'long')}\n---\n\n## Short\n")
    assert f'">{words(40, "long")[:79]}…</a>' in page and '">Short</a>' in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <!-- ![b](c.png) --> d", "<p>a  d</p>"),
        ("a\n<!-- b\n\n- c\n\n```\n--> d *e*\nf", "<p>a</p>\n<p>d <em>e</em></p>\n<p>f</p>"),
        ("- a\n  <!-- b\n  c -->\n- d", "<ul>\n<li>a</li>\n<li>d</li>\n</ul>"),
        ("a\n\n<!-- b\n\nc", "<p>a</p>"),
        ("- <!-- b\n\nc", "<p>c</p>"),
        ("<!-->\na", "<p>a</p>"),
        ("a <!--> b", "<p>a  b</p>"),
        ("a <!-- b", "<p>a &lt;!-- b</p>"),
        ("`<!-- a -->`", "<p><code>&lt;!-- a --&gt;</code></p>"),
        ("\\<!-- a -->", "<p>&lt;!-- a --&gt;</p>"),
        ("a <!-- <b onclick=c> -->", "<p>a </p>"),
        ("a<BR  />b<br/>c", "<p>a<br />\nb<br />\nc</p>"),
        ("<br onclick=a>", "<p>&lt;br onclick=a&gt;</p>"),
        ('<img width=9 alt="A src=x" SRC=\'b&amp;c.png\' onload="d">', "<p>[b&c.png|A src=x]</p>"),
        ("| a |\n|---|\n| <img src=b.png /> |", "<td>[b.png|]</td>"),
        ("<imgs src=a>", "<p>&lt;imgs src=a&gt;</p>"),
        ("<div>a</div>", "<p>&lt;div&gt;a&lt;/div&gt;</p>"),
    ],
)
def test_of_html_only_comments_breaks_and_pictures_are_taken(text: str, shown: str) -> None:
    assert shown in render_markdown(text, lambda path, words: f"[{path}|{words}]").html


def test_a_picture_of_html_is_shown_or_refused_as_any_other() -> None:
    page = made(
        '<img src="javascript:a" alt="no"><img src="https://x.example/a.png" alt="far">',
        ReportPictures.of(Path(__file__)).data_uri,
    )
    assert "<b>No picture</b> no: &#x27;javascript:a&#x27; is no path" in page
    assert "far (picture at x.example)" in page and "<img" not in page


@pytest.mark.parametrize(
    "part", ["<!-- ", "x <!-- ", "<!-- -->\n\n", "> <!--\n", "<img src=a ", "<img a='", "[<!-- ](x) --> "]
)
def test_a_long_hostile_text_becomes_a_page(part: str) -> None:
    require_harmless(made(part * (200_000 // len(part))))


def test_tasks_are_boxes() -> None:
    page = made("* [x] a\n* [ ] b\n  more\n* [-] **c**\n* [X]\n* [x](https://d.example)\n\n[x] no\n")
    boxes = [
        ("checked" in attributes, attributes["aria-label"]) for tag, attributes in Tags(page).found if tag == "input"
    ]
    assert boxes == [(True, "done"), (False, "not done"), (False, "not done"), (True, "done")]
    assert page.count('class="task"') == 4 and "<p>[x] no</p>" in page


def test_a_former_header_is_left_out_and_the_title_stays() -> None:
    page = made("---\nlayout: default\nnav_exclude: true\n---\n\n# Ours\n\ntext\n")
    assert "nav_exclude" not in page and "<title>Ours</title>" in page
    assert "<title>report</title>" in made("no heading")


def test_a_header_with_lists_is_left_out_and_a_line_above_text_is_not() -> None:
    head = "---\nlicense: mit\ntags:\n- fruit-pictures\nmetrics:\n  - type: r2\n    value: 0.1234\n---\n"
    page = made(f"{head}\n# Card\n\nwords\n")
    assert "fruit-pictures" not in page and "0.1234" not in page and "<h1" in page and "words" in page
    assert "nobody" in made("---\n\nSeen by nobody.\n\n---\n")


@pytest.fixture(scope="module")
def shown(browser: object, tmp_path_factory: pytest.TempPathFactory) -> "Page":
    """The page of a hostile report in a browser, and what it asked for."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    code = "```python\n" + "a = " + "b + " * 100 + "c\n```\n"
    table = "| service | what |\n|--|--|\n| Engine | " + words(40) + " |\n"
    path.write_text(made(report({6: f"{HOSTILE}\n{code}\n{table}\n{'x' * 300}"}, ticked=5)))
    page: Page = browser.new_page()  # type: ignore[attr-defined]
    page.asked = []  # type: ignore[attr-defined]
    page.on("request", lambda one: page.asked.append(one.url))  # type: ignore[attr-defined]
    page.failed = []  # type: ignore[attr-defined]
    page.on("requestfailed", lambda one: page.failed.append((one.url, one.failure)))  # type: ignore[attr-defined]
    page.on("dialog", lambda one: page.asked.append(one.message))  # type: ignore[attr-defined]
    page.goto(path.as_uri())
    return page


def test_a_browser_runs_and_fetches_nothing_of_it(shown: "Page") -> None:
    assert shown.title() == "Our report"
    assert {url.split(":")[0] for url in shown.asked} <= {"file", "data"}  # type: ignore[attr-defined]
    assert min(shown.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)")) > 0
    shown.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", LOUD)
    shown.wait_for_function("document.images[document.images.length - 1].complete")
    assert shown.title() == "Our report"
    assert [why for url, why in shown.failed if "evil" in url] == ["csp"]  # type: ignore[attr-defined]
    shown.evaluate("document.body.lastElementChild.remove()")


def test_nothing_is_cut_off_and_all_can_be_read(shown: "Page") -> None:
    for width in (1440, 1024, 390):
        shown.set_viewport_size({"width": width, "height": 900})
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.evaluate(FAULTS) == []
    for scheme in ("dark", "light"):
        shown.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert shown.evaluate(CONTRAST) >= 4.5


def test_a_task_of_two_lines_hangs_beside_its_box(shown: "Page") -> None:
    shown.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", TASK)
    box, text = (shown.locator(f"#long {one}").bounding_box() for one in ("input", "span"))
    shown.evaluate("document.querySelector('#long').remove()")
    assert box and text and box["x"] + box["width"] <= text["x"] and abs(box["y"] - text["y"]) < text["height"] / 2
    assert text["height"] > 2 * box["height"]


def test_axe_finds_nothing(shown: "Page") -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(shown).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []


def test_paper_is_white_whatever_the_screen_is(shown: "Page") -> None:
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.evaluate("getComputedStyle(document.querySelector('nav')).position") == "static"
    shown.emulate_media(media="screen")
    assert Path(shown.url).suffix == ".html"
