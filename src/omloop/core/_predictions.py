"""The values of the prediction log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

API_KEY = "OMLOOP_API_KEY"
"""The environment variable with the key that our own clients show a server."""
PLATFORM_TOKEN = "OMLOOP_PLATFORM_TOKEN"  # noqa: S105  the name of it
"""The environment variable with a bearer token that a platform before the server asks for, as Cloud Run does."""
PROBE_KEY = "omloop-probe"
"""The caller's key of what a monitor or a load test asked: recorded as all is, and no part of any window."""


@dataclass(frozen=True)
class Prediction:
    """One answered prediction. `inputs` and `output` are JSON values; `time` is in seconds since 1970 (UTC).

    `id` is unique and sorts by time; `latency_ms` is from the request's last byte to the answer's encoding. `variant`
    is the file of the bundle that answered, `key` what the caller calls itself or its request, None if it says nothing.
    """

    id: str
    time: float
    version: str
    inputs: Mapping[str, object]
    output: Mapping[str, object]
    latency_ms: float
    variant: str = "model.onnx"
    key: str | None = None


@dataclass(frozen=True)
class Shadow:
    """What a version on trial answered to a prediction's input, for the log alone; `id` is the prediction's.

    `output` is None where it could not answer. `latency_ms` is from the reading of the input to the answer, without any
    wait. `time` is in seconds since 1970 (UTC).
    """

    id: str
    time: float
    version: str
    output: Mapping[str, object] | None
    latency_ms: float


@dataclass(frozen=True)
class Label:
    """What turned out to be true of one prediction; `time` is when it became known, in seconds since 1970 (UTC)."""

    id: str
    label: object
    time: float


@dataclass(frozen=True)
class Receipt:
    """What became of some labels: how many were new, said the same again, or said otherwise, and the unknown ids.

    A label that contradicts an earlier one counts from then on; both stay in the log.
    """

    accepted: int
    repeated: int
    changed: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Window:
    """Some live predictions, oldest first, with their labels so far, by prediction id.

    `shadows` are the answers of a version on trial to the same inputs, by prediction id, if the caller asked for them.
    `label_times` says when each label became known, in seconds since 1970 (UTC).
    """

    predictions: tuple[Prediction, ...]
    labels: Mapping[str, object]
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    label_times: Mapping[str, float] = field(default_factory=dict)


BODY = "(body)"
"""Stands for whatever of a request is no column of the signature, so that what a caller makes up is no name."""


@dataclass(frozen=True)
class RefusalCount:
    """Refused requests within a second or so of `time`, in seconds since 1970.

    `field` is the column of the signature that did not fit, or `BODY`. `reason` is one of `empty`, `undecodable` and
    `refused`. `rows` is how many rows the requests had, as far as omloop can tell. omloop keeps no value of a request.
    """

    time: float
    version: str
    field: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Position:
    """A place in a log's own order: the order in which its index learned of the predictions, whatever their times.

    `entry` is the number of the last prediction before it, `refusal` that of the last refusal; later ones have higher
    numbers. `index` names the index: a rebuilt index has another name, and counts from the start.
    """

    index: str
    entry: int
    refusal: int = 0
