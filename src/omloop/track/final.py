"""The results of a run as plain numbers and texts, for trackers that know no intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from omloop.core import Estimate
from omloop.track.record import read_record

LONGEST = 500


def final_metrics(summary: Mapping[str, object]) -> dict[str, float]:
    """Metrics by part, with the ends of their intervals, and each model's on the validation part.

    >>> final_metrics({"part": "test", "metrics": {"r2": {"value": 0.5, "low": 0.4, "high": 0.6}}})
    {'test/r2': 0.5, 'test/r2/low': 0.4, 'test/r2/high': 0.6}
    """
    record = read_record(summary)
    found = _numbers(record.part or "final", record.metrics)
    for model, scores in record.models.items():
        found |= _numbers(f"{model}/validation", scores)
    return found


def final_texts(summary: Mapping[str, object]) -> dict[str, str]:
    """All else of a summary by dotted names: the kind of run, data, model, version, verdict, reason.

    >>> final_texts({"kind": "turn", "data": {"rows": {"train": 8}}, "metrics": {"r2": 0.5}, "champion": None})
    {'kind': 'turn', 'data.rows': '{"train": 8}'}
    """
    found: dict[str, str] = {}
    for name, value in summary.items():
        if name in ("metrics", "models") or value is None:
            continue
        inner = {f"{name}.{key}": one for key, one in value.items()} if isinstance(value, Mapping) else {name: value}
        found |= {key: one if isinstance(one, str) else json.dumps(one, default=str) for key, one in inner.items()}
    return {key: text[:LONGEST] for key, text in found.items()}


def _numbers(name: str, scores: Mapping[str, Estimate]) -> dict[str, float]:
    found = {}
    for metric, one in scores.items():
        found[f"{name}/{metric}"] = one.value
        found |= {
            f"{name}/{metric}/{end}": at for end, at in (("low", one.low), ("high", one.high)) if math.isfinite(at)
        }
    return found
