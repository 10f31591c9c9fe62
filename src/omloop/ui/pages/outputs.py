"""How the page draws answers, by the kind of output: a new kind is a class here, and a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from omloop.core import number_text
from omloop.ui.parts.markup import Html, badge, bars, text


def value_text(value: float) -> str:
    """The number in an answer, as people read it.

    >>> value_text(0.1234), value_text(12.3456)
    ('0.12', '12.3')
    """
    return number_text(value, max(abs(value), 1.0))


def cases(level: float) -> str:
    """How often something is so, as people say it.

    >>> cases(0.9), cases(0.95)
    ('9 of 10 cases', '95 of 100 cases')
    """
    tenths = round(10 * level, 9)
    return f"{tenths:.0f} of 10 cases" if tenths == int(tenths) else f"{100 * level:.3g} of 100 cases"


class Answers(Protocol):
    """What the page shows of answers, and what it asks about them."""

    def draw(self, found: Mapping[str, Any]) -> Html:
        """One answer, as people read it."""

    def brief(self, found: Mapping[str, Any]) -> str:
        """One answer in a word."""

    def is_right(self, found: Mapping[str, Any]) -> object:
        """The label that says that an answer was right; None where nobody would say so of one."""

    def truth(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The field of a form for what is true instead."""


@dataclass(frozen=True)
class ClassAnswers:
    """Classes with their probabilities, and flags that some of them raise; `outputs` is what the manifest says."""

    outputs: Mapping[str, Any]
    tested: Mapping[str, Any]

    def draw(self, found: Mapping[str, Any]) -> Html:
        """The class and what it means, how sure the model is, and a bar for each class."""
        shares = found.get("probabilities") or {found["label"]: 1.0}
        sure = 100 * shares.get(found["label"], 0.0)
        flags = "".join(
            badge(f"{name}: {'yes' if found.get(name) else 'no'}", "warn" if found.get(name) else "good")
            for name in self.outputs.get("flags") or ()
        )
        meaning = self._meanings.get(found["label"])
        lead = f'<p class="om-big">{text(found["label"])}</p>'
        lead += f'<p class="om-meaning">{text(meaning)}</p>' if meaning else ""
        if self.outputs.get("calibration", "none") != "none":  # it was only checked otherwise
            lead += f"<p>Of answers that are as sure as this, about {sure:.0f} % are right. {flags}</p>"
        else:
            lead += f"<p>The model gives it {sure:.0f} % of its trust. {flags}</p>"
        likeliest = max(shares, key=lambda name: shares[name])
        if shares[likeliest] > shares.get(found["label"], 0.0):
            why = f"{likeliest} is more probable. This model decides by the thresholds of its classes."
            lead += f'<p class="om-hint">{text(why)}</p>'
        return lead + bars(shares, chosen=found["label"], meanings=self._meanings)

    def brief(self, found: Mapping[str, Any]) -> str:
        """The class."""
        return str(found["label"])

    def is_right(self, found: Mapping[str, Any]) -> object:
        """The class itself."""
        return found["label"]

    def truth(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """A choice of the other classes."""
        others = [one for one in self.outputs["classes"] if one != found["label"]]
        return {"kind": "choice", "choices": others, "meanings": dict(self._meanings)}

    @property
    def _meanings(self) -> Mapping[str, str]:
        """What classes mean in plain words, where the project says so."""
        return self.outputs.get("meanings") or {}


@dataclass(frozen=True)
class NumberAnswers:
    """A number with its unit, on the scale of possible answers.

    Around it is the interval that holds the truth in most cases, or the usual error of the test where there is none.
    """

    outputs: Mapping[str, Any]
    tested: Mapping[str, Any]

    def draw(self, found: Mapping[str, Any]) -> Html:
        """The number, what it is, between which others the truth may be, and where it lies."""
        value, off, ends = float(found["value"]), self._usual_error, found.get("interval")
        named, unit = str(self.outputs.get("name", "")).replace("_", " "), text(self.outputs.get("unit") or "")
        lead = f'<p class="om-big">{value_text(value)} {unit}</p>'
        lead += f"<p>{self._between(value, ends)}</p>" if ends else ""
        lead += f"<p>This is the {text(named)} that it expects."
        if off is not None:
            lead += f" In its test it was off by {number_text(off, max(abs(value), 1.0))} {unit} on average."
        around = ends or (None if off is None else (value - off, value + off))
        return f"{lead}</p>{self._scale(value, around)}"

    def _between(self, value: float, ends: Sequence[float]) -> Html:
        """The interval in words."""
        size = max(abs(value), 1.0)
        low, high = (text(number_text(float(end), size)) for end in ends)
        return f"between {low} and {high} in {cases(float((self.outputs.get('interval') or {}).get('level', 0.9)))}"

    def brief(self, found: Mapping[str, Any]) -> str:
        """The number."""
        return value_text(float(found["value"]))

    def is_right(self, found: Mapping[str, Any]) -> object:
        """None: no number is exactly right."""
        return None

    def truth(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """A number within the bounds."""
        low, high = self.outputs.get("low"), self.outputs.get("high")
        return {
            "kind": "number",
            "step": "any",
            "minimum": low,
            "maximum": high,
            "unit": self.outputs.get("unit") or "",
        }

    @property
    def _usual_error(self) -> float | None:
        """The mean absolute error of the test, if the test has one."""
        found = self.tested.get("mae")
        return float(found["value"]) if found and found["value"] is not None else None

    def _scale(self, value: float, ends: Sequence[float] | None) -> Html:
        if self.outputs.get("low") is None or self.outputs.get("high") is None:
            return ""
        low, high = float(self.outputs["low"]), float(self.outputs["high"])
        if high <= low:
            return ""

        def place(at: float) -> float:
            return 100 * min(1.0, max(0.0, (at - low) / (high - low)))

        around = ""
        if ends is not None:
            begin, end = map(place, ends)
            around = f'<i style="left:{begin:.1f}%;width:{end - begin:.1f}%"></i>'
        named = text(f"{value:.3g} on a scale from {low:g} to {high:g}")
        mark = f'<b style="left:{place(value):.1f}%"></b>'
        limits = f'<p class="om-ends"><span>{low:g}</span><span>{high:g}</span></p>'
        return f'<div class="om-scale" role="img" aria-label="{named}">{around}{mark}</div>{limits}'


OUTPUTS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Answers]] = {
    "classes": ClassAnswers,
    "number": NumberAnswers,
}
"""The class that shows each kind of output, by the kind's name in a version's manifest."""


def answers_of(about: Mapping[str, Any]) -> Answers:
    """What shows the answers of a project, by what the workspace says `about` it."""
    return OUTPUTS[about["outputs"]["kind"]](about["outputs"], about.get("tested") or {})
