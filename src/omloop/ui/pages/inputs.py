"""How people enter an input, by its kind: a new kind is a class here, and a line in the table."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import orjson
from nicegui import html, ui

from omloop.core import command_line
from omloop.ui.parts.files import FileInput
from omloop.ui.parts.forms import RecordForm, fields_of
from omloop.ui.parts.pictures import data_address, picture_type

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from omloop.ui.visit import Visit

JSON = "application/json"
Row = Mapping[str, Any]


class Desk(Protocol):
    """The receiver of inputs: it asks the server, or says what is wrong with an input."""

    async def ask(self, content: bytes, media_type: str) -> None:
        """Ask for one answer."""

    async def ask_many(self, name: str, content: bytes) -> None:
        """Ask for the answers to a CSV file."""

    def refuse(self, words: str) -> None:
        """Say why the page did not ask."""


class Input(Protocol):
    """The place where people enter an input."""

    WORDS: ClassVar[str]
    """The instruction to people."""

    def __init__(self, visit: Visit, about: Mapping[str, Any], desk: Desk, first: Row) -> None:
        """`about` is what the workspace says of the project, `first` the first example, if there is one."""

    def draw(self) -> None:
        """Draw it."""

    def thumbnail(self, row: Row) -> str:
        """The address of a picture of an example; empty where it has a number instead."""

    def show(self, row: Row) -> None:
        """Show an example as if somebody had entered it."""

    def done(self) -> None:
        """Let people enter the next input."""

    def command(self, content: bytes) -> str:
        """The command line that asks the same."""


class FormInput:
    """A form with a field for each column, filled with the first example, and a file for many rows."""

    WORDS: ClassVar[str] = "Fill in what you know, or take an example."
    FILLED = True

    def __init__(self, visit: Visit, about: Mapping[str, Any], desk: Desk, first: Row) -> None:
        self.visit, self.about, self.desk, self._first = visit, about, desk, first

    def draw(self) -> None:
        """A field for each column."""
        fields, given = fields_of(self.about["schema"]), dict(self._first) if self.FILLED else {}
        self._form = RecordForm(fields, action="Ask the model", label="what to ask", given=given)
        self._form.on("send", self._sent)
        if "text/csv" not in self.about["media_types"]:
            return
        names = ", ".join(self.about["fields"][:3]) + (", …" if len(self.about["fields"]) > 3 else "")
        with html.details():
            ui.html("Many rows at once, from a file", tag="summary")
            hint = f"A CSV file whose first line names the columns: {names}"
            take, uploads = self.desk.ask_many, self.visit.uploads
            FileInput(uploads, take, accept=".csv,text/csv", action="Choose a CSV file", hint=hint, camera=False)

    def thumbnail(self, row: Row) -> str:
        """Nothing."""
        return ""

    def show(self, row: Row) -> None:
        """Fill it in."""
        self._form.fill(row)

    def done(self) -> None:
        """Let people send the form again."""
        self._form.done()

    def command(self, content: bytes) -> str:
        """The row through a pipe."""
        asked = command_line("omloop", "predict", self.visit.project, "--rows", "-", "--record")
        return f"echo {shlex.quote(content.decode())} | {asked}"

    async def _sent(self, event: GenericEventArguments) -> None:
        await self.desk.ask(orjson.dumps({"rows": [dict(event.args)]}), JSON)


class TextInput(FormInput):
    """The same for one text, which starts empty."""

    WORDS: ClassVar[str] = "Write or paste a text, or take an example."
    FILLED = False


class PictureInput:
    """A picture that people choose, drop, paste or take with the camera."""

    WORDS: ClassVar[str] = "Choose a picture, drop it here, paste it, or use the camera."

    def __init__(self, visit: Visit, about: Mapping[str, Any], desk: Desk, first: Row) -> None:
        self.visit, self.about, self.desk = visit, about, desk

    def draw(self) -> None:
        """The place for the picture."""
        kinds = " or ".join(one.removeprefix("image/").upper() for one in picture_types(self.about))
        self.picture = picture_input(
            self.visit, self.about, self.take, hint=f"Drop or paste a picture here as well: {kinds}."
        )

    def thumbnail(self, row: Row) -> str:
        """The picture itself."""
        return data_address(next(iter(row.values()), None))

    def show(self, row: Row) -> None:
        """Show the picture."""
        self.picture.show_example(self.thumbnail(row))

    def done(self) -> None:
        """Nothing: it takes the next at any time."""

    def command(self, content: bytes) -> str:
        """The picture in a file."""
        return command_line("omloop", "predict", self.visit.project, "--file", "PICTURE", "--record")

    async def take(self, name: str, content: bytes) -> None:
        """Ask what a picture is; refuse a file that is no picture, by its name."""
        media_type = picture_type(content)
        if media_type in picture_types(self.about):
            await self.desk.ask(content, media_type)
            return
        kinds = ", ".join(picture_types(self.about))
        self.desk.refuse(f"“{name}” is no picture that the model reads. Choose one of these kinds: {kinds}.")


INPUTS: Mapping[str, type[Input]] = {"table": FormInput, "text": TextInput, "image": PictureInput}
"""The place for each kind of input, by the kind's name in a version's manifest."""


def input_of(about: Mapping[str, Any]) -> type[Input]:
    """The input for a project's kind; a kind that the table does not know gets a form from its schema."""
    return INPUTS.get(about["kind"], FormInput)


def picture_types(about: Mapping[str, Any]) -> list[str]:
    """The content types of pictures that a model reads."""
    return [one for one in about["media_types"] if one.startswith("image/")]


def picture_input(
    visit: Visit, about: Mapping[str, Any], taken: Callable[[str, bytes], Awaitable[None]], *, hint: str
) -> FileInput:
    """The place for a picture."""
    accept = ",".join(picture_types(about))
    return FileInput(visit.uploads, taken, accept=accept, action="Choose a picture", hint=hint, camera=True)
