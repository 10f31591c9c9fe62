"""Reading labels that come back for earlier predictions."""

from collections.abc import Mapping

from omloop.core import InputError, Label, Targets
from omloop.kinds.faults import PlaceFaults
from omloop.kinds.json_body import OddNumber, quote_value, read_json
from omloop.serve.refusal import refused_input

MEDIA_TYPES = ("application/json",)
_SHAPE = 'send {"labels": [{"id": "...", "label": ...}, ...]}'
_NAMES = {"id", "label"}


def read_labels(output: Targets, content: bytes, *, limit: int, moment: float) -> list[Label]:
    """The labels in a JSON body, known since `moment` and checked by `output`.

    Raises Refusal: 400 for a body that is not JSON, 422 with the fields for one that does not fit.
    """
    try:
        given = _listed(read_json(content))
        if len(given) > limit:
            raise InputError(f"{len(given):,} labels are too many; send at most {limit:,} a request", "labels")
        labels, faults = list[Label](), PlaceFaults()
        for row, one in enumerate(given):
            _check(one, f"labels[{row}]", faults)
            if isinstance(one, Mapping) and one.keys() >= {"label"}:
                with faults.at(f"labels[{row}].label"):
                    labels.append(Label(str(one.get("id")), _parsed(output, one["label"]), moment))
        faults.require_none()
    except InputError as error:
        raise refused_input(error) from error
    return labels


def _listed(body: object) -> list[object]:
    if not isinstance(body, dict) or set(body) != {"labels"}:
        raise InputError(f"the body must be an object with one key; {_SHAPE}")
    given = body["labels"]
    if not isinstance(given, list):
        raise InputError(f"must be a list, but it is {quote_value(given)}; {_SHAPE}", "labels")
    if not given:
        raise InputError("send at least one label", "labels")
    return given


def _check(given: object, where: str, faults: PlaceFaults) -> None:
    """Add the faults of one label, but for the label itself."""
    if not isinstance(given, Mapping):
        faults.add(where, InputError(f"must be an object; {_SHAPE}"))
        return
    for name in given.keys() - _NAMES:
        faults.add(f"{where}.{name:.80}", InputError(f"is not a part of a label; {_SHAPE}"))
    for name in sorted(_NAMES - given.keys()):
        faults.add(f"{where}.{name}", InputError(f"is missing; {_SHAPE}"))
    if not isinstance(given.get("id", ""), str):
        faults.add(f"{where}.id", InputError(f"must be a text, but it is {quote_value(given['id'])}"))


def _parsed(output: Targets, label: object) -> object:
    if isinstance(label, OddNumber):
        raise InputError(f"{quote_value(label)} is not accepted; send a number that can be held")
    return output.parse(label)
