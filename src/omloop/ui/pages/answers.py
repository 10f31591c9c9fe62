"""An answer as people read it, and what they say about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.core import number_text
from omloop.ui.client import NoAnswerError, RefusedError, Source
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.forms import RecordForm
from omloop.ui.parts.markup import badge, bars, note, table, tag, text
from omloop.ui.parts.problems import say_problem

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from omloop.ui.visit import Visit

SHOWN_ROWS = 20
ABOUT = {"id", "label", "value", "probabilities", "observed"}


def show_answer(
    visit: Visit, server: Source, about: Mapping[str, Any], told: Mapping[str, Any], seconds: float
) -> None:
    """The answer to one input: what it says, how sure it is, who gave it, and buttons to say what is true."""
    found, outputs = told["predictions"][0], about["outputs"]
    drawn = _classes(found, outputs) if "label" in found else _number(found, outputs, about.get("tested"))
    version = tag("a", text(told["version"][:8]), href=visit.page("versions", v=told["version"]))
    made = tag("a", text(found["id"][:12]), title=found["id"], href=visit.page("live", id=found["id"]))
    ui.html(
        f"<h2>The answer</h2>{drawn}{_remarks(found)}"
        f'<p class="om-dim">by version {version} in {1000 * seconds:.0f} ms · prediction {made}</p>',
        sanitize=False,
    )
    Feedback(visit, server, found, outputs).draw()


def _classes(found: Mapping[str, Any], outputs: Mapping[str, Any]) -> str:
    meanings = outputs.get("meanings") or {}
    shares = found.get("probabilities") or {found["label"]: 1.0}
    sure = 100 * shares.get(found["label"], 0.0)
    flags = "".join(
        badge(f"{name}: {'yes' if value else 'no'}", "warn" if value else "good")
        for name, value in found.items()
        if isinstance(value, bool)
    )
    meaning = meanings.get(found["label"])
    lead = f'<p class="om-big">{text(found["label"])}</p>'
    lead += f'<p class="om-meaning">{text(meaning)}</p>' if meaning else ""
    lead += f"<p>The model gives it {sure:.0f} % of its trust. {flags}</p>"
    return lead + bars(shares, chosen=found["label"], meanings=meanings)


def _number(found: Mapping[str, Any], outputs: Mapping[str, Any], tested: Mapping[str, Any] | None) -> str:
    value, unit = float(found["value"]), str(outputs.get("unit") or "")
    named = str(outputs.get("name", "")).replace("_", " ")
    size = max(abs(value), 1.0)
    lead = f'<p class="om-big">{number_text(value, size)} {text(unit)}</p><p>This is the {text(named)} that it expects.'
    off = _usual_error(tested)
    if off is not None:
        lead += f" In its test it was off by {number_text(off, size)} {text(unit)} on average."
    return f"{lead}</p>{_scale(value, outputs, off)}"


def _usual_error(tested: Mapping[str, Any] | None) -> float | None:
    """The mean absolute error of the test, where that is known."""
    found = (tested or {}).get("mae")
    return float(found["value"]) if found and found["value"] is not None else None


def _scale(value: float, outputs: Mapping[str, Any], off: float | None) -> str:
    if outputs.get("low") is None or outputs.get("high") is None:
        return ""
    low, high = float(outputs["low"]), float(outputs["high"])
    if high <= low:
        return ""

    def place(at: float) -> float:
        return 100 * min(1.0, max(0.0, (at - low) / (high - low)))

    around = ""
    if off is not None:
        begin, end = place(value - off), place(value + off)
        around = f'<i style="left:{begin:.1f}%;width:{end - begin:.1f}%"></i>'
    named = f"{value:.3g} on a scale from {low:g} to {high:g}"
    return (
        f'<div class="om-scale" role="img" aria-label="{text(named)}">{around}'
        f'<b style="left:{place(value):.1f}%"></b></div>'
        f'<p class="om-ends"><span>{low:g}</span><span>{high:g}</span></p>'
    )


def _remarks(found: Mapping[str, Any]) -> str:
    """What else the model says of the input, such as how much of a picture is blurred."""
    told = [
        f"{text(name.replace('_', ' '))}: {text(value)}"
        for name, value in found.items()
        if name not in ABOUT and not isinstance(value, bool) and value not in (None, [], {}, "")
    ]
    return f'<p class="om-hint">{" · ".join(told)}</p>' if told else ""


class Feedback:
    """Buttons to say that an answer was right, or what is true instead."""

    def __init__(self, visit: Visit, server: Source, found: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        self.visit, self.server, self.found, self.outputs = visit, server, found, outputs

    def draw(self) -> None:
        """Ask whether it was right."""
        self.place = html.div().props('role="group" aria-label="was it right?"')
        with self.place:
            if "label" in self.found:
                ui.html("<h3>Was it right?</h3>", sanitize=False)
                with html.div().classes("om-row"):
                    Button("Right", lambda: self.send(self.found["label"]), style="om-button om-quiet")
                    Button("Wrong, it is …", self._ask, style="om-button om-quiet")
            else:
                Button("Tell what it really was", self._ask, style="om-button om-quiet")

    def _ask(self) -> None:
        unit = self.outputs.get("unit") or ""
        field: dict[str, Any] = {"name": "label", "label": "It really is", "required": True, "unit": unit}
        classes = self.outputs.get("classes")
        if classes:
            others = [one for one in classes if one != self.found["label"]]
            field |= {"kind": "choice", "choices": others, "unit": "", "meanings": self.outputs.get("meanings") or {}}
        else:
            field |= {
                "kind": "number",
                "step": "any",
                "minimum": self.outputs.get("low"),
                "maximum": self.outputs.get("high"),
            }
        self.place.clear()
        with self.place:
            form = RecordForm([field], action="Send", label="what is true", cancel="Cancel")
            form.on("send", self._sent)
            form.on("cancel", self._again)

    def _again(self) -> None:
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
            ui.html(note(f"{words} {seen}.", "good" if counted else "warn"), sanitize=False)


def show_rows(visit: Visit, about: Mapping[str, Any], name: str, content: bytes, told: Mapping[str, Any]) -> None:
    """The answers to the rows of a CSV file: the first of them, and all of them as a file."""
    found = told["predictions"]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"))))
    answers = [_one(one) for one in found]
    shown = [[text(answer), *map(text, row[:6])] for answer, row in zip(answers, rows[1:], strict=False)]
    head = [text(about["outputs"]["name"]), *map(text, rows[0][:6])]
    ui.html(f"<h2>{len(found):,} answers to {text(name)}</h2>", sanitize=False)
    ui.html(table(head, shown[:SHOWN_ROWS], caption="answers"), sanitize=False)
    if len(found) > SHOWN_ROWS:
        ui.html(f'<p class="om-dim">The first {SHOWN_ROWS} of {len(found):,}.</p>', sanitize=False)

    def fetch() -> None:
        ui.download(_with_answers(rows, found, about), f"answers-{name}", "text/csv")

    Button("Save all answers as a file", fetch)


def _one(found: Mapping[str, Any]) -> object:
    return found["label"] if "label" in found else number_text(float(found["value"]), float(found["value"]))


def _with_answers(rows: list[list[str]], found: list[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    """The file again, with the answer and the id of each prediction behind every row."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*rows[0], f"answer_{about['outputs']['name']}", "prediction_id"])
    for row, one in zip(rows[1:], found, strict=False):
        writer.writerow([*row, one.get("label", one.get("value")), one["id"]])
    return written.getvalue().encode()
