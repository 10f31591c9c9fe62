"""Reading labels that come back for earlier predictions."""

from typing import Any

import msgspec

from omloop.core import InputError, Label, Output
from omloop.serve.refusal import Refusal

MEDIA_TYPES = ("application/json",)


class _GivenLabel(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    label: Any


class _GivenLabels(msgspec.Struct, forbid_unknown_fields=True):
    labels: list[_GivenLabel]


def read_labels(output: Output, content: bytes, *, limit: int, moment: float) -> list[Label]:
    """The labels in a JSON body, known since `moment` and checked by `output`.

    Raises Refusal: 400 for a body that is not JSON, 422 with the field for one that does not fit.
    """
    given = _decode(content)
    if not given:
        raise Refusal(422, "send at least one label", field="labels")
    if len(given) > limit:
        raise Refusal(422, f"{len(given):,} labels are too many; send at most {limit:,} a request", field="labels")
    return [_checked(output, label, row, moment) for row, label in enumerate(given)]


def _decode(content: bytes) -> list[_GivenLabel]:
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Refusal(400, f"the body is not valid JSON: {error}") from error
    try:
        return msgspec.convert(body, _GivenLabels).labels
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        shape = 'send {"labels": [{"id": "...", "label": ...}, ...]}'
        raise Refusal(422, f"{reason}; {shape}", field=path.strip("`.")) from error


def _checked(output: Output, given: _GivenLabel, row: int, moment: float) -> Label:
    try:
        return Label(given.id, output.parse(given.label), moment)
    except InputError as error:
        raise Refusal(422, error.reason, field=f"labels[{row}].label") from error
