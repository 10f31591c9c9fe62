"""Try the model: give it something, read its answer, and say whether it was right."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.ui.client import NoAnswerError, RefusedError, Source
from omloop.ui.pages.answers import show_answer, show_rows
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.files import FileInput
from omloop.ui.parts.forms import RecordForm, fields_of
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import command, command_line, note, state, tag, text
from omloop.ui.parts.pictures import data_address, picture_type
from omloop.ui.parts.problems import say_problem

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from omloop.ui.visit import Visit

EXAMPLES = 6
WORDS = {
    "table": "Fill in what you know, or take an example.",
    "image": "Choose a picture, drop it here, paste it, or use the camera.",
    "text": "Write or paste a text, or take an example.",
}


async def try_it(visit: Visit) -> None:
    """The page: an input of the model's kind, and its answers."""
    about = await visit.of_project()
    with frame(visit, "Try it", ""):
        heading(f"Try {visit.project}", WORDS.get(about["kind"], ""))
        if about["champion"] is None:
            told = "Make one: it is trained, tested, and put in charge if it is good enough."
            ui.html(state("No version is in charge yet", told, f"omloop turn {visit.project}"), sanitize=False)
            return
        if about["warning"]:
            ui.html(note(f"<b>Please note.</b> {text(about['warning'])}", "warn"), sanitize=False)
        server = await visit.server()
        if server is None or not await _is_ready(server, visit):
            told = "Nobody answers for it now. Start its server, then load this page again."
            ui.html(state("No server runs", told, f"omloop serve {visit.project}"), sanitize=False)
            if server is None:
                return
        examples = (await visit.of_project("/examples", n=EXAMPLES))["rows"]
        tested = (await visit.of_project(f"/versions/{about['champion']}"))["metrics"]
        Trial(visit, server, {**about, "tested": tested}, examples).draw()


async def _is_ready(server: Source, visit: Visit) -> bool:
    try:
        await server.get("/readyz", visit.session.key)
    except (NoAnswerError, RefusedError):
        return False
    return True


class Trial:
    """The input and the answers of one visit."""

    def __init__(
        self, visit: Visit, server: Source, about: Mapping[str, Any], examples: Sequence[Mapping[str, Any]]
    ) -> None:
        self.visit, self.server, self.about, self.examples = visit, server, about, examples
        self._form: RecordForm | None = None
        self._file: FileInput | None = None

    def draw(self) -> None:
        """Draw the input on the left and room for the answer on the right."""
        if self.about["kind"] == "image":
            retro = tag("a", "Try it on an old computer", href=self.visit.page("retro"))
            ui.html(f"<p>{retro}</p>", sanitize=False)
        with html.div().classes("om-two"):
            with html.section().classes("om-card").props('aria-label="what to ask"'):
                self._draw_examples()
                self._draw_input()
            self.answer = html.section().classes("om-card").props('aria-live="polite" aria-label="the answer"')
        with self.answer:
            ui.html("<h2>The answer</h2><p class='om-dim'>It comes here.</p>", sanitize=False)
        self.many = html.section().props('aria-live="polite" aria-label="answers of a file"')

    def _draw_examples(self) -> None:
        if not self.examples:
            return
        ui.html("<h2>Examples</h2>", sanitize=False)
        with html.div().classes("om-examples"):
            for number, row in enumerate(self.examples, start=1):
                self._example_button(number, row)

    def _example_button(self, number: int, row: Mapping[str, Any]) -> None:
        async def taken() -> None:
            await self._take_example(row)

        words = f"Example {number}"
        picture = data_address(next(iter(row.values()), None)) if self.about["kind"] == "image" else ""
        with Button("" if picture else words, taken, style="om-button om-quiet", label=words if picture else ""):
            if picture:
                ui.html(tag("img", src=picture, alt=""), sanitize=False)

    async def _take_example(self, row: Mapping[str, Any]) -> None:
        if self._form is not None:
            self._form.fill(row)
        if self._file is not None:
            self._file.show_example(data_address(next(iter(row.values()))))
        await self._ask_row(row)

    def _draw_input(self) -> None:
        if self.about["kind"] == "image":
            self._draw_picture_input()
            return
        fields = fields_of(self.about["schema"])
        first = dict(self.examples[0]) if self.examples and self.about["kind"] == "table" else {}
        self._form = RecordForm(fields, action="Ask the model", label="what to ask", given=first)
        self._form.on("send", self._sent)
        if "text/csv" in self.about["media_types"]:
            names = ", ".join(self.about["fields"][:3]) + (", …" if len(self.about["fields"]) > 3 else "")
            with html.details():
                ui.html("Many rows at once, from a file", tag="summary")
                hint = f"A CSV file whose first line names the columns: {names}"
                FileInput(
                    self.visit.uploads,
                    self._take_table,
                    accept=".csv,text/csv",
                    action="Choose a CSV file",
                    hint=hint,
                    camera=False,
                )

    def _draw_picture_input(self) -> None:
        types = [one for one in self.about["media_types"] if one.startswith("image/")]
        kinds = " or ".join(one.removeprefix("image/").upper() for one in types)
        self._file = FileInput(
            self.visit.uploads,
            self._take_picture,
            accept=",".join(types),
            action="Choose a picture",
            hint=f"Drop or paste a picture here as well: {kinds}.",
            camera=True,
        )

    async def _sent(self, event: GenericEventArguments) -> None:
        await self._ask_row(dict(event.args))
        if self._form is not None:
            self._form.done()

    async def _ask_row(self, row: Mapping[str, Any]) -> None:
        await self._ask({"rows": [dict(row)]})

    async def _ask(self, body: Mapping[str, Any]) -> None:
        import orjson

        await self._ask_bytes(orjson.dumps(body), "application/json")

    async def _take_picture(self, name: str, content: bytes) -> None:
        media_type = picture_type(content)
        if media_type not in self.about["media_types"]:
            kinds = ", ".join(one for one in self.about["media_types"] if one.startswith("image/"))
            self._refuse(f"“{name}” is no picture that the model reads. Choose one of these kinds: {kinds}.")
            return
        await self._ask_bytes(content, media_type)

    async def _take_table(self, name: str, content: bytes) -> None:
        self.many.clear()
        with self.many:
            try:
                answer = await self.server.ask(
                    "POST", "/v1/predict", self.visit.session.key, content=content, media_type="text/csv"
                )
                show_rows(self.visit, self.about, name, content, answer.json())
            except (NoAnswerError, RefusedError) as error:
                ui.html(say_problem(error), sanitize=False)

    async def _ask_bytes(self, content: bytes, media_type: str) -> None:
        try:
            answer = await self.server.ask(
                "POST", "/v1/predict", self.visit.session.key, content=content, media_type=media_type
            )
            told = answer.json()
        except (NoAnswerError, RefusedError) as error:
            self._refuse(str(error))
            return
        self.answer.clear()
        with self.answer:
            show_answer(self.visit, self.server, self.about, told, answer.seconds)
            ui.html(command(self._command(content)), sanitize=False)

    def _command(self, content: bytes) -> str:
        """The command line that asks the same; a picture stands in a file there."""
        if self.about["kind"] == "image":
            return command_line("omloop", "predict", self.visit.project, "--file", "PICTURE", "--record")
        asked = command_line("omloop", "predict", self.visit.project, "--rows", "-", "--record")
        return f"echo {shlex.quote(content.decode())} | {asked}"

    def _refuse(self, words: str) -> None:
        self.answer.clear()
        with self.answer:
            ui.html(f"<h2>No answer</h2>{note(text(words), 'bad')}", sanitize=False)
