"""The frame of every page: links to the others, dark and light, and one place for the content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nicegui import ElementFilter, html, ui

from omloop.ui.parts.buttons import Button
from omloop.ui.parts.markup import tag, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

PAGES = {"": "Try it", "live": "Live", "drift": "Drift", "versions": "Versions", "runs": "Runs", "more": "More"}
"""The pages of a project by the last part of their address."""
THEMES: dict[bool | None, tuple[str, bool | None]] = {
    None: ("Auto", True),
    True: ("Dark", False),
    False: ("Light", None),
}
"""What the button of the colours says, and what it leads to; None follows the browser."""
MARK = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" '
    'aria-hidden="true">'
    '<path d="M20.5 12a8.5 8.5 0 1 1-3-6.5"/><path d="M17.8 1.5v4.6h-4.6" stroke-width="2.4"/></svg>'
)


@contextmanager
def frame(visit: Visit, title: str, here: str | None = None) -> Iterator[None]:
    """The page called `title` around its content; `here` is the last part of its address in the project."""
    ui.page_title(f"{title} · {visit.project} · omloop" if visit.project else f"{title} · omloop")
    _only_one_main()
    theme = ui.dark_mode(visit.session.dark)
    ui.html(tag("a", "Skip to the content", href="#main", class_="om-skip"), sanitize=False)
    with html.header().classes("om-top"), html.div():
        ui.html(tag("a", f"{MARK}omloop", href=visit.href(), class_="om-brand"), sanitize=False)
        ui.html(_ways(visit, here), sanitize=False, tag="nav").classes("om-nav").props('aria-label="pages"')
        _key_button(visit)
        _theme_button(visit, theme)
    with html.main().classes("om-page").props('id="main" tabindex="-1"'):
        yield


def _only_one_main() -> None:
    """Let NiceGUI's own `main`, which is around everything, be none to a screen reader."""
    around = ui.context.client.content.parent_slot
    if around is not None:
        around.parent.props('role="presentation"')


def heading(title: str, about: str = "") -> None:
    """The page's title, with a line about it."""
    more = tag("p", text(about), class_="om-dim") if about else ""
    ui.html(f"<h1>{text(title)}</h1>{more}", sanitize=False)


def _ways(visit: Visit, here: str | None) -> str:
    if not visit.project:
        return tag("a", "Home", href=visit.href(), aria_current="page")
    ways = [tag("a", "Home", href=visit.href())]
    for name, words in PAGES.items():
        ways.append(tag("a", words, href=visit.page(name), aria_current="page" if name == here else None))
    return "".join(ways)


def _key_button(visit: Visit) -> None:
    """A button to forget the key, where the visitor gave one: to give another, or to leave none behind."""

    def forget() -> None:
        visit.session.key = ""
        ui.navigate.reload()

    if visit.session.key:
        Button("Forget the key", forget, style="om-theme")


def _theme_button(visit: Visit, theme: ui.dark_mode) -> None:
    def turn() -> None:
        visit.session.dark = THEMES[visit.session.dark][1]
        theme.value = visit.session.dark
        for chart in ElementFilter(kind=ui.echart):
            chart.update()  # its colours are those of the page
        made.say(THEMES[visit.session.dark][0])

    about = "Colours: automatic, dark or light"
    made = Button(THEMES[visit.session.dark][0], turn, style="om-theme", label=about)
