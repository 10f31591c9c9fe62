"""The facts of one run as a value, also of a run that an older omloop or another tracker kept."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omloop.core import Estimate


@dataclass(frozen=True)
class RunRecord:
    """One run. An unknown field is empty, None, or NaN in an estimate.

    `status` is running, finished, failed, killed or unreadable; `kind` is turn, train, optimise or stress. `metrics`
    are those of the chosen `model` on a `part` of the data, and `metric` is the main one. `models` are the scores of
    each model on the validation part. `lower_is_better` names metrics of which less is better. `data` holds `source`,
    `fingerprint` and `rows` by part. `started` is in seconds since 1970 (UTC).
    """

    name: str
    status: str
    started: float | None = None
    seconds: float | None = None
    kind: str = ""
    model: str = ""
    part: str = ""
    metric: str = ""
    metrics: Mapping[str, Estimate] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    lower_is_better: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    version: str = ""
    verdict: str = ""
    reason: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def read_record(found: Mapping[str, Any]) -> RunRecord:
    """A run as `Tracker.list` gives it, as a record.

    >>> read_record({"run": "a", "status": "finished", "metrics": {"r2": 0.5}}).metrics["r2"]
    Estimate(value=0.5, low=nan, high=nan)
    """
    metrics = _estimates(found.get("metrics"))
    return RunRecord(
        name=_text(found.get("run")),
        status=_word(found.get("status")),
        started=_number(found.get("started")),
        seconds=_number(found.get("seconds")),
        kind=_word(found.get("kind")),
        model=_word(found.get("model")),
        part=_word(found.get("part")),
        metric=_word(found.get("metric")) or next(iter(metrics), ""),
        metrics=metrics,
        models={name: _estimates(scores) for name, scores in _object(found.get("models")).items()},
        lower_is_better=tuple(_word(str(name)) for name in found.get("lower_is_better") or ()),
        data=_object(found.get("data")),
        version=_text(found.get("version")),
        verdict=_word(found.get("verdict")),
        reason=_text(found.get("reason")),
        tags={key: str(value) for key, value in _object(found.get("tags")).items()},
        note=_text(found.get("note")),
    )


def _estimates(found: object) -> dict[str, Estimate]:
    """Metrics with intervals, or the plain numbers that an older omloop kept."""
    read = {_word(str(name)): _estimate(value) for name, value in _object(found).items()}
    return {name: one for name, one in read.items() if one is not None}


def _estimate(found: object) -> Estimate | None:
    about = _object(found) or {"value": found}
    value, low, high = (_number(about.get(name)) for name in ("value", "low", "high"))
    if value is None:
        return None
    return Estimate(value, math.nan if low is None else low, math.nan if high is None else high)


def _number(found: object) -> float | None:
    number = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else math.nan
    return number if math.isfinite(number) else None


def _object(found: object) -> Mapping[str, object]:
    return found if isinstance(found, Mapping) else {}


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _word(found: object) -> str:
    """A text that many runs have alike: kept once for all of them."""
    return sys.intern(_text(found))
