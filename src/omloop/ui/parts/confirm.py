"""A dialog before a change: what it will do, why, and the command that does the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.ui.client import NoAnswerError, RefusedError
from omloop.ui.parts.forms import RecordForm
from omloop.ui.parts.markup import command, text
from omloop.ui.parts.problems import say_problem

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

REASON = {"name": "reason", "label": "Why", "kind": "text", "required": True, "about": "It is kept in the history."}
Change = Callable[[Mapping[str, Any]], Awaitable[None]]


def confirm(
    title: str,
    about: str,
    change: Change,
    *,
    action: str,
    line: Callable[[Mapping[str, Any]], str],
    fields: Sequence[Mapping[str, Any]] = (REASON,),
) -> None:
    """Open a dialog that asks for `fields` and then calls `change` with them; afterwards the page loads again.

    `line` gives the command that does the same. If `change` refuses, the dialog stays and says why.
    """
    with (
        ui.dialog(value=True) as dialog,
        html.div().classes("om-dialog").props(f'role="group" aria-label="{text(title)}"'),
    ):
        ui.html(f"<h2>{text(title)}</h2><p>{about}</p>", sanitize=False)
        form = RecordForm(fields, action=action, label=title, cancel="Cancel")
        told = ui.html("", sanitize=False).props('aria-live="assertive"')
        shown = ui.html(command(line({})), sanitize=False)

    async def send(event: GenericEventArguments) -> None:
        try:
            await change(event.args)
        except (NoAnswerError, RefusedError) as error:
            told.content = say_problem(error)
            form.done()
            return
        dialog.close()
        ui.navigate.reload()

    def typed(event: GenericEventArguments) -> None:
        shown.content = command(line(event.args))

    form.on("send", send)
    form.on("typed", typed)
    form.on("cancel", dialog.close)
    dialog.on("hide", dialog.delete)
