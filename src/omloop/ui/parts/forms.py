"""Forms whose fields come from the JSON schema of a row, and the values that people type into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui.element import Element

LONG_CHARACTERS = 300
"""A text that may be longer gets a field of several lines."""


class RecordForm(Element, component="record_form.js"):
    """A form: emits `send` with the typed values, by field, and `typed` whenever somebody leaves a field."""

    def __init__(
        self,
        fields: Sequence[Mapping[str, Any]],
        *,
        action: str,
        label: str,
        given: Mapping[str, Any] | None = None,
        cancel: str = "",
    ) -> None:
        super().__init__()
        self._props["fields"] = [dict(one) for one in fields]
        self._props["given"] = dict(given or {})
        self._props["action"], self._props["label"] = action, label
        if cancel:
            self._props["cancel"] = cancel

    def fill(self, values: Mapping[str, Any]) -> None:
        """Put values into the fields, in place of what stands there."""
        self._props["given"] = dict(values)
        self.run_method("fill", dict(values))

    def done(self) -> None:
        """Let people send the form again."""
        self.run_method("done")


def fields_of(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of a form for one row of a JSON schema.

    >>> size = {"type": "number", "minimum": 0.5, "maximum": 6.0, "description": "In h."}
    >>> fields_of({"properties": {"study_hours": size}, "required": ["study_hours"]})[0]["about"]
    '0.5 to 6'
    """
    required = set(schema.get("required", ()))
    return [field(name, about, required=name in required) for name, about in schema.get("properties", {}).items()]


def field(name: str, about: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """One field of a form, by the JSON schema of its value; a unit at the end of the description stands beside it."""
    words, unit = _with_unit(str(about.get("description", "")))
    made: dict[str, Any] = {"name": name, "label": name.replace("_", " "), "unit": unit, "required": required}
    types = {about.get("type")} if isinstance(about.get("type"), str) else set(about.get("type", ()))
    low, high = about.get("minimum"), about.get("maximum")
    if "enum" in about:
        return made | {"kind": "choice", "choices": [one for one in about["enum"] if one is not None], "about": words}
    if "boolean" in types:
        return made | {"kind": "choice", "choices": [True, False], "about": words}
    if types & {"integer", "number"}:
        step = 1 if "integer" in types else "any"
        told = ". ".join(filter(None, [_range(low, high), words]))
        return made | {"kind": "number", "minimum": low, "maximum": high, "step": step, "about": told}
    if about.get("format") == "date":
        return made | {"kind": "date", "about": words}
    most = about.get("maxLength", 0)
    kind = "long" if most > LONG_CHARACTERS else "text"
    told = ". ".join(filter(None, [f"at most {most:,} characters" if most else "", words]))
    return made | {"kind": kind, "maximum": most or None, "about": told}


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at least {low:g}" if low is not None else f"at most {high:g}" if high is not None else ""
    return f"{low:g} to {high:g}"


def _with_unit(words: str) -> tuple[str, str]:
    """A description, and the unit that it ends with, such as "In h.", apart.

    >>> _with_unit("A day. In min."), _with_unit("In years."), _with_unit("From 1 to 5.")
    (('A day', 'min'), ('', 'years'), ('From 1 to 5', ''))
    """
    before, found, unit = words.rpartition("In ")
    if found and unit.endswith(".") and len(unit) <= 20 and (not before or before.endswith(". ")):
        return before.strip().rstrip("."), unit.rstrip(".")
    return words.strip().rstrip("."), ""
