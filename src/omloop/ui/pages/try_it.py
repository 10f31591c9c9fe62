"""Try the model: give it something, read its answer, and say whether it was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from nicegui import html, ui

from omloop.ui.client import Answer, NoAnswerError, RefusedError, Source
from omloop.ui.pages.answers import show_answer, show_rows
from omloop.ui.pages.inputs import JSON, Row, input_of, picture_types
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import command, note, state, tag, text
from omloop.ui.parts.problems import say_problem

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

EXAMPLES = 6
UNEXPLAINED = ("not_supported", "invalid_query", "overloaded")
"""Codes of servers that cannot explain: without the extra, of an older omloop, or because others wait for it."""
SCROLL = "document.getElementById('{}')?.scrollIntoView({{block: 'nearest'}})"


async def try_it(visit: Visit) -> None:
    """The page: an input of the model's kind, and its answers."""
    about = await visit.of_project()
    with frame(visit, "Try it", ""):
        if about["champion"] is None:
            heading(f"Try {visit.project}")
            told = "Make one: it is trained, tested, and put in charge if it is good enough."
            ui.html(state("No version is in charge yet", told, f"omloop turn {visit.project}"), sanitize=False)
            return
        heading(f"Try {visit.project}", input_of(about).WORDS)
        if about["warning"]:
            ui.html(note(f"<b>Please note.</b> {text(about['warning'])}", "warn"), sanitize=False)
        server = visit.server_in(about)
        if server is None or not await _is_ready(server, visit):
            ui.html(state("No server runs", *visit.how_to_serve), sanitize=False)
            return
        examples = (await visit.of_project("/examples", n=EXAMPLES))["rows"]
        tested = (await visit.of_project(f"/versions/{about['champion']}"))["metrics"]
        _Desk(visit, server, {**about, "tested": tested}).draw(examples)


async def _is_ready(server: Source, visit: Visit) -> bool:
    try:
        await server.get("/readyz", visit.session.key)
    except (NoAnswerError, RefusedError):
        return False
    return True


class _Desk:
    """The input and the answers of one visit."""

    def __init__(self, visit: Visit, server: Source, about: Mapping[str, Any]) -> None:
        self.visit, self.server, self.about = visit, server, about
        self.explains = True

    def draw(self, examples: Sequence[Row]) -> None:
        """Draw the input on the left and room for the answer on the right."""
        first = examples[0] if examples else {}
        self.input = input_of(self.about)(self.visit, self.about, self, first)
        if picture_types(self.about):
            retro = tag("a", "Try it on an old computer", href=self.visit.page("retro"))
            ui.html(f"<p>{retro}</p>", sanitize=False)
        with html.div().classes("om-two"):
            with html.section().classes("om-card").props('aria-label="what to ask"'):
                self._draw_examples(examples)
                self.input.draw()
            self.answer = (
                html.section().classes("om-card om-sticky").props('aria-live="polite" aria-label="the answer"')
            )
        with self.answer:
            ui.html("<h2>The answer</h2><p class='om-dim'>It comes here.</p>", sanitize=False)
        self.many = html.section().props('aria-live="polite" aria-label="answers of a file"')

    def _draw_examples(self, examples: Sequence[Row]) -> None:
        if not examples:
            return
        ui.html("<h2>Examples</h2>", sanitize=False)
        with html.div().classes("om-examples"):
            for number, row in enumerate(examples, start=1):
                self._example_button(f"Example {number}", row)

    def _example_button(self, words: str, row: Row) -> None:
        async def taken() -> None:
            self.input.show(row)
            await self.ask(orjson.dumps({"rows": [dict(row)]}), JSON)

        picture = self.input.thumbnail(row)
        with Button("" if picture else words, taken, style="om-button om-quiet", label=words if picture else ""):
            if picture:
                ui.html(tag("img", src=picture, alt=""), sanitize=False)

    async def ask(self, content: bytes, media_type: str) -> None:
        """Ask the server, and show what it says."""
        try:
            answer = await self._asked(content, media_type)
            told = answer.json()
        except (NoAnswerError, RefusedError) as error:
            self.refuse(str(error))
            return
        self.input.done()
        self.answer.clear()
        with self.answer:
            show_answer(self.visit, self.server, self.about, told, answer.seconds)
            ui.html(command(self.input.command(content)), sanitize=False)
        ui.run_javascript(SCROLL.format(self.answer.html_id))  # below a long form nobody would see it

    async def _asked(self, content: bytes, media_type: str) -> Answer:
        """The server's answer, and what that hangs on where the server can say; of a picture nobody would see it."""
        ask = partial(
            self.server.ask, "POST", "/v1/predict", self.visit.session.key, content=content, media_type=media_type
        )
        if self.explains and not picture_types(self.about):
            try:
                return await ask(query={"explain": "shap"})
            except RefusedError as error:
                if error.code not in UNEXPLAINED:
                    raise
                self.explains = error.code == "overloaded"
        return await ask()

    async def ask_many(self, name: str, content: bytes) -> None:
        """Ask for the answers to a CSV file, and show the first of them."""
        key = self.visit.session.key
        self.many.clear()
        with self.many:
            try:
                answer = await self.server.ask("POST", "/v1/predict", key, content=content, media_type="text/csv")
                show_rows(self.visit, self.about, name, content, answer.json())
            except (NoAnswerError, RefusedError) as error:
                ui.html(say_problem(error), sanitize=False)

    def refuse(self, words: str) -> None:
        """Say why there is no answer."""
        self.input.done()
        self.answer.clear()
        with self.answer:
            ui.html(f"<h2>No answer</h2>{note(text(words), 'bad')}", sanitize=False)
