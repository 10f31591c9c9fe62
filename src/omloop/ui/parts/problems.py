"""What a page shows in place of what it could not get."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nicegui import ui

from omloop.ui.client import NoAnswerError, RefusedError
from omloop.ui.parts.forms import RecordForm
from omloop.ui.parts.markup import note, sentence, state, tag, text

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from omloop.ui.visit import Visit

KEY = [
    {"name": "key", "label": "Key", "kind": "password", "required": True, "about": "It stays in memory, on no disk."}
]

_KEY = re.compile(r"[\x21-\x7e]{1,8192}")
_NO_KEY = "This is no key. A key has letters, digits and signs of ASCII, without blanks; copy it whole."


def show_problem(visit: Visit, error: NoAnswerError | RefusedError) -> None:
    """Say what is wrong and what to do; where a key would help, ask for it."""
    if isinstance(error, RefusedError) and error.asks_for_key:
        ask_for_key(visit, error)
    elif isinstance(error, RefusedError) and error.status == 404:
        home = tag("a", "See all projects", href=visit.href())
        ui.html(state("There is nothing here", f"{sentence(error)} {home}."), sanitize=False)
    elif isinstance(error, RefusedError) and error.status < 500:
        ui.html(state("This cannot be shown", sentence(error)), sanitize=False)
    else:
        again = "The page works again when it answers: load it anew."
        ui.html(state("No answer", f"{sentence(error)} {again}"), sanitize=False)


def show_fault() -> None:
    """Say that the page itself is at fault."""
    told = "This is a fault of the page, not of what you did. The log of whoever runs it has the details."
    ui.html(state("This page cannot be shown", told), sanitize=False)


def ask_for_key(visit: Visit, error: RefusedError) -> None:
    """A form for the key; the page then loads again with that key."""
    title, told = _why_a_key(visit, error)
    made = f"Whoever runs this page makes a key with {tag('code', 'omloop key new --role ROLE')}."
    ui.html(state(title, f"{text(told)} {made}"), sanitize=False)
    wrong = ui.html("", sanitize=False)
    form = RecordForm(KEY, action="Go on", label="the key for this page")

    def given(event: GenericEventArguments) -> None:
        key = str(event.args["key"]).strip()
        if not _KEY.fullmatch(key):
            wrong.content = note(_NO_KEY, "bad")
            form.done()
            return
        visit.session.key = key
        ui.navigate.reload()

    form.on("send", given)


def _why_a_key(visit: Visit, error: RefusedError) -> tuple[str, str]:
    """A title, and why the page wants a key, or another one."""
    if error.status == 403:
        return "This key may not do that", f"It is refused: {error}."
    if visit.session.key:
        return "This key is not known", "It is mistyped, or was revoked."
    return "A key is asked for", "This page is shown to those who have a key with the role 'read'."


def say_problem(error: Exception) -> str:
    """A refusal as a note that stands out."""
    return note(sentence(error), "bad")
