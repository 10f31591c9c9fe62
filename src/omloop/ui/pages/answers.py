"""An answer as people read it, and what they say about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.core import command_line
from omloop.ui.client import NoAnswerError, RefusedError, Source
from omloop.ui.pages.outputs import Answers, answers_of
from omloop.ui.pages.why import draw_explanation
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.forms import RecordForm
from omloop.ui.parts.links import version_link
from omloop.ui.parts.markup import command, note, table, tag, text
from omloop.ui.parts.problems import say_problem

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from omloop.ui.visit import Visit

SHOWN_ROWS, SHOWN_COLUMNS = 20, 6
DRAWN = {
    "id",
    "label",
    "value",
    "probabilities",
    "observed",
    "interval",
    "confidence",
    "explanation",
    "unexplained",
}
"""The parts of an answer that the page does not draw as a remark."""


def show_answer(
    visit: Visit, server: Source, about: Mapping[str, Any], told: Mapping[str, Any], seconds: float
) -> None:
    """The answer to one input: what it says, how sure it is, who gave it, and buttons to say what is true."""
    found, answers = told["predictions"][0], answers_of(about)
    version = version_link(visit, told["version"])
    made = tag("a", text(found["id"][:12]), title=found["id"], href=visit.page("live", id=found["id"]))
    caution = f'<p class="om-caution">{text(about["warning"].partition(".")[0])}.</p>' if about["warning"] else ""
    explained = " with what it hangs on" if found.get("explanation") else ""
    ui.html(
        f"<h2>The answer</h2>{answers.draw(found)}{caution}{_remarks(found)}{draw_explanation(found)}"
        f'<p class="om-dim">by version {version} in {1000 * seconds:.0f} ms{explained} · prediction {made}</p>',
        sanitize=False,
    )
    _Feedback(visit, server, found, answers).draw()


def _remarks(found: Mapping[str, Any]) -> str:
    """What else the model says of the input, such as the blurred share of a picture."""
    told = [
        f"{text(name.replace('_', ' '))}: {text(value)}"
        for name, value in found.items()
        if name not in DRAWN and not isinstance(value, bool) and value not in (None, [], {}, "")
    ]
    return f'<p class="om-hint">{" · ".join(told)}</p>' if told else ""


class _Feedback:
    """Buttons to say that an answer was right, or what is true instead."""

    def __init__(self, visit: Visit, server: Source, found: Mapping[str, Any], answers: Answers) -> None:
        self.visit, self.server, self.found, self.answers = visit, server, found, answers

    def draw(self) -> None:
        """Ask whether it was right, or what it really was where nobody would say so."""
        right = self.answers.is_right(self.found)
        self.place = html.div().props('role="group" aria-label="was it right?"')
        with self.place:
            if right is None:
                Button("Tell what it really was", self._ask, style="om-button om-quiet")
                return
            ui.html("<h3>Was it right?</h3>", sanitize=False)
            with html.div().classes("om-row"):
                Button("Right", lambda: self.send(right), style="om-button om-quiet")
                Button("Wrong, it is …", self._ask, style="om-button om-quiet")

    def _ask(self) -> None:
        field = {"name": "label", "label": "It really is", "required": True, **self.answers.truth(self.found)}
        self.place.clear()
        with self.place:
            form = RecordForm([field], action="Send", label="what is true", cancel="Cancel")
            form.on("send", self._sent)
            form.on("cancel", self._again)

    def _again(self) -> None:
        with self.place.parent_slot.parent if self.place.parent_slot else self.place:
            self.place.delete()
            self.draw()

    async def _sent(self, event: GenericEventArguments) -> None:
        await self.send(event.args["label"])

    async def send(self, label: object) -> None:
        """Tell the server what is true."""
        body = {"labels": [{"id": self.found["id"], "label": label}]}
        self.place.clear()
        with self.place:
            try:
                receipt = await self.server.post("/v1/feedback", body, self.visit.session.key)
            except (NoAnswerError, RefusedError) as error:
                ui.html(say_problem(error), sanitize=False)
                return
            counted = receipt["accepted"] + receipt["changed"] + receipt["repeated"]
            words = "Thank you. It counts from now on." if counted else "The prediction is not known any more."
            seen = tag("a", "See how often it is right", href=self.visit.page("live"))
            line = command_line("omloop", "feedback", self.visit.project, "--id", self.found["id"], "--label", label)
            ui.html(note(f"{words} {seen}.", "good" if counted else "warn") + command(line), sanitize=False)


def show_rows(visit: Visit, about: Mapping[str, Any], name: str, content: bytes, told: Mapping[str, Any]) -> None:
    """The answers to the rows of a CSV file: the first of them, and all of them as a file."""
    found, answers = told["predictions"], answers_of(about)
    head, *rows = _lines(content)
    output = about["outputs"]["name"]
    pairs = list(zip(rows, found, strict=False))
    shown = [[text(answers.brief(one)), *map(text, row[:SHOWN_COLUMNS])] for row, one in pairs[:SHOWN_ROWS]]
    ui.html(f"<h2>{len(found):,} answers to {text(name)}</h2>", sanitize=False)
    ui.html(table([text(output), *map(text, head[:SHOWN_COLUMNS])], shown, caption="answers"), sanitize=False)
    if len(found) > SHOWN_ROWS:
        ui.html(f'<p class="om-dim">The first {SHOWN_ROWS} of {len(found):,}.</p>', sanitize=False)

    def fetch() -> None:
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([*head, f"answer_{output}", "prediction_id"])
        writer.writerows([*row, one.get("label", one.get("value")), one["id"]] for row, one in pairs)
        ui.download(written.getvalue().encode(), f"answers-{name}", "text/csv")

    Button("Save all answers as a file", fetch)
    line = command_line("omloop", "predict", visit.project, "--csv", name, "--record")
    ui.html(command(line), sanitize=False)


def _lines(content: bytes) -> list[list[str]]:
    """The lines of a CSV file that a server answered: it passes over empty ones.

    >>> _lines(b"age\\n20\\n\\n30\\r\\n")
    [['age'], ['20'], ['30']]
    """
    return [line for line in csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=None)) if line]
