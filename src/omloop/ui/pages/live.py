"""What the model is doing now: its load, how fast it answers, what it answers, and how often it is right."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.ui.client import NoAnswerError, RefusedError, Source
from omloop.ui.pages.predictions import newest_predictions, show_prediction
from omloop.ui.parts.charts import Points, line_chart, line_options, show_series, stacked_options
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import command, estimate, sentence, state, table, text
from omloop.ui.parts.refreshing import refreshing
from omloop.ui.parts.scraped import Counts, Pace, counts_of, pace

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

AGAIN_S = 2.0
MINUTES = 60
NEWEST = 30
MOST_CLASSES = 8
KEPT = 150
"""Looks at the server that the charts of now go back."""


async def live(visit: Visit) -> None:
    """The page, which renews itself without loading again."""
    wanted = visit.query("id")
    with frame(visit, "Live", "live"):
        heading("Live", "What is asked and answered now; it renews itself.")
        if wanted:
            await show_prediction(visit, wanted)
        view = _View(visit)
        view.draw()
        await view.look()
        refreshing(view.look, AGAIN_S)
        ui.html(
            command(f"omloop watch {visit.project}", "A look by command, with what moved and what hurts"),
            sanitize=False,
        )


class _View:
    """The page of one visit: the numbers of now from the server, the rest from the prediction log."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.server: Source | None = None
        self._before: Counts | None = None
        self._paces: list[tuple[float, Pace]] = []

    def draw(self) -> None:
        """Make room for everything."""
        self.now = ui.html("", sanitize=False)
        self.quiet = ui.html("<p class='om-dim'>Nothing was asked in the last hour.</p>", sanitize=False)
        with html.div().classes("om-cards om-charts"):
            self.rate = _chart("Requests per second", "requests answered in a second, over the last minutes")
            self.latency = _chart("Time to an answer, ms", "time from request to answer in milliseconds")
            self.answers = _chart("Answers", "what was answered in the last hour")
        self.scores = ui.html("", sanitize=False)
        self.newest = ui.html("", sanitize=False)

    async def look(self) -> None:
        """Ask for everything, and show it."""
        told = await self.visit.of_project("/live", minutes=MINUTES)
        newest = (await self.visit.of_project("/predictions", newest=NEWEST))["predictions"]
        down = await self._scrape()
        _set(self.now, down or _cards(self._paces[-1][1] if self._paces else None))
        self._show_paces(told)
        classes = told.get("classes")
        points = _classes(told, classes) if classes else _numbers(told)
        show_series(self.answers, stacked_options(points) if classes else line_options(points))
        self.quiet.set_visibility(not any(told["rate"]))
        _set(self.scores, _scores(told))
        _set(self.newest, newest_predictions(self.visit, newest, told["now"]))

    async def _scrape(self) -> str:
        """Ask the server what it counted; gives what to show where it does not answer."""
        if self.server is None:
            self.server = await self.visit.server()
        if self.server is None:
            told, line = self.visit.how_to_serve
            return state("No server runs", f"{told} What was answered before is below.", line)
        try:
            answer = await self.server.ask("GET", "/metrics", self.visit.session.key)
        except (NoAnswerError, RefusedError) as error:
            self._before = self.server = None  # it may come back at another address
            return state(
                "The server is down",
                f"{sentence(error)} What was answered before is below.",
                self.visit.how_to_serve[1],
            )
        now = counts_of(answer.body.decode(errors="replace"), time.time())
        found = pace(self._before, now) if self._before else None
        self._before = now
        if found is not None:
            self._paces = [*self._paces[-KEPT:], (now.time, found)]
        return ""

    def _show_paces(self, told: Mapping[str, Any]) -> None:
        """The last minutes by the server's own counts; before there are some, the hour by the log."""
        if any(one.p50_ms is not None for _, one in self._paces):
            rate = {"requests/s": [(at, one.rate) for at, one in self._paces]}
            taken = {
                "half within": [(at, one.p50_ms) for at, one in self._paces],
                "99 % within": [(at, one.p99_ms) for at, one in self._paces],
            }
        else:
            bins = told["bins"]
            rate = {"predictions/s": list(zip(bins, told["rate"], strict=True))}
            taken = {
                name: list(zip(bins, told[key], strict=True))
                for name, key in (("half within", "p50_ms"), ("99 % within", "p99_ms"))
            }
        show_series(self.rate, line_options(rate))
        show_series(self.latency, line_options(taken))


def _chart(title: str, about: str) -> ui.echart:
    with html.section().classes("om-card"):
        ui.html(f"<h2>{text(title)}</h2>", sanitize=False)
        return line_chart({}, about=about)


def _set(place: ui.html, content: str) -> None:
    """Change what stands there, where that differs: a browser keeps what somebody has selected in it."""
    if place.content != content:
        place.content = content


def _cards(found: Pace | None) -> str:
    def card(title: str, value: str, about: str = "") -> str:
        more = f'<p class="om-dim">{about}</p>' if about else ""
        return f'<section class="om-card"><h3>{title}</h3><p class="om-big">{value}</p>{more}</section>'

    if found is None:
        return '<p class="om-dim" role="status">Looking at the server…</p>'
    nothing = '<span class="om-dim">none</span>'
    cards = [
        card("Requests per second", f"{found.rate:.1f}"),
        card("Half are answered within", nothing if found.p50_ms is None else f"{found.p50_ms:.1f} ms"),
        card("99 % are answered within", nothing if found.p99_ms is None else f"{found.p99_ms:.1f} ms"),
        card("Being worked on, or waiting", f"{found.in_flight:.0f}"),
        card("Requests in one run", nothing if found.batch is None else f"{found.batch:.1f}", "the mean batch size"),
        card("Failed", nothing if found.errors is None else f"{100 * found.errors:.1f} %", "of the requests of now"),
    ]
    return f'<div class="om-cards om-small">{"".join(cards)}</div>'


def _classes(told: Mapping[str, Any], classes: Mapping[str, list[float]]) -> dict[str, Points]:
    """The classes that the model answers most, and the others together."""
    order = sorted(classes, key=lambda name: -sum(classes[name]))
    shown = order[:MOST_CLASSES] if len(order) > MOST_CLASSES else order
    found: dict[str, Points] = {name: list(zip(told["bins"], classes[name], strict=True)) for name in shown}
    if len(order) > len(shown):
        rest = [sum(counts) for counts in zip(*(classes[name] for name in order[len(shown) :]), strict=True)]
        found["others"] = list(zip(told["bins"], rest, strict=True))
    return found


def _numbers(told: Mapping[str, Any]) -> dict[str, Points]:
    answers = told.get("answers") or {}
    names = {"low": "lower tenth", "median": "median", "high": "upper tenth"}
    return {names.get(name, name): list(zip(told["bins"], values, strict=True)) for name, values in answers.items()}


def _scores(told: Mapping[str, Any]) -> str:
    if not told["labelled"]:
        words = "Nobody has told yet what was true. Feedback on “Try it”, or labels that come later, are counted here."
        return f"<h2>How often is it right?</h2><p class='om-dim'>{words}</p>"
    if not told["scores"]:
        words = f"{told['labelled']:,} answers have a label so far: too few for a score."
        return f"<h2>How often is it right?</h2><p class='om-dim'>{words}</p>"
    tested = told.get("tested") or {}
    rows = [[text(name), estimate(found), estimate(tested.get(name))] for name, found in told["scores"].items()]
    about = f"By {told['labelled']:,} labels of the newest predictions, with 95 % intervals."
    head = ["", "live", "in the test"]
    return f'<h2>How often is it right?</h2><p class="om-dim">{about}</p>' + table(head, rows, caption="live scores")
