"""What a page shows in place of what it could not get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from omloop.ui.client import NoAnswerError, RefusedError
from omloop.ui.parts.forms import RecordForm
from omloop.ui.parts.markup import note, state, tag, text

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from omloop.ui.visit import Visit

KEY = [
    {"name": "key", "label": "Key", "kind": "password", "required": True, "about": "It stays in memory, on no disk."}
]


def show_problem(visit: Visit, error: NoAnswerError | RefusedError) -> None:
    """Say what is wrong and what to do; where a key would help, ask for it."""
    if isinstance(error, RefusedError) and error.asks_for_key:
        ask_for_key(visit, error)
    elif isinstance(error, RefusedError) and error.status == 404:
        home = tag("a", "See all projects", href=visit.href())
        ui.html(state("There is nothing here", f"{text(error)} {home}."), sanitize=False)
    else:
        again = "The page works again when it answers: load it anew."
        ui.html(state("No answer", f"{text(error)} {again}"), sanitize=False)


def show_fault() -> None:
    """Say that the page itself is at fault."""
    told = "This is a fault of the page, not of what you did. The log of whoever runs it has the details."
    ui.html(state("This page cannot be shown", told), sanitize=False)


def ask_for_key(visit: Visit, error: RefusedError) -> None:
    """A form for the key; the page is loaded again with it."""
    told = f"{text(error)}. Whoever runs it makes one with {tag('code', 'omloop key new')}."
    title = "This key may not do that" if error.status == 403 else "A key is asked for"
    ui.html(state(title, told), sanitize=False)
    form = RecordForm(KEY, action="Go on", label="key")

    def given(event: GenericEventArguments) -> None:
        visit.session.key = str(event.args["key"]).strip()
        ui.navigate.reload()

    form.on("send", given)


def say_problem(error: Exception) -> str:
    """A refusal as a note that stands out."""
    return note(text(error), "bad")
