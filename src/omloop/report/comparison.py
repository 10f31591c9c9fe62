"""What several runs have in common and what not, as a value, and its numbers in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omloop.core import Estimate

Cells = tuple[str, ...]
"""One text for each run; empty where there is nothing, such as for a missing package."""
Scores = tuple[Estimate | None, ...]
Curves = Mapping[str, Mapping[tuple[int, str], Sequence[tuple[float, float]]]]
"""Title -> the run's place and the label of its line -> points."""

APART = "* the two intervals do not overlap; where they do, chance may explain the difference"


@dataclass(frozen=True)
class Comparison:
    """Several runs of one project, named by `labels` that are shorter than their names.

    `metrics` are those of each run's chosen model, `models` the main `metric` of every model on the validation part.
    `settings` and `packages` hold only what differs, `about`, `data` and `code` all there is. `curves` are of what
    models logged by step, `machine` of CPU, memory and GPU by seconds. `plots` are PNGs by name, and `patches` what no
    commit has.
    """

    project: str
    runs: Cells
    labels: Cells
    about: Mapping[str, Cells]
    metrics: Mapping[str, Scores]
    metric: str
    models: Mapping[str, Scores]
    settings: Mapping[str, Cells]
    data: Mapping[str, Cells]
    code: Mapping[str, Cells]
    packages: Mapping[str, Cells]
    curves: Curves = field(default_factory=dict)
    machine: Curves = field(default_factory=dict)
    plots: Mapping[str, tuple[bytes | None, ...]] = field(default_factory=dict)
    patches: Cells = ()
    notes: tuple[str, ...] = ()


def score_text(score: Estimate | None) -> str:
    """A score with its interval, where it has one.

    >>> score_text(Estimate(0.80591, 0.67882, 0.88358)), score_text(Estimate(0.5, math.nan, math.nan)), score_text(None)
    ('0.806 [0.679, 0.884]', '0.500', '')
    """
    return "" if score is None else str(score)


def difference(first: Estimate | None, other: Estimate | None) -> str:
    """How much `other` is more than `first`, with a star where their intervals are apart.

    >>> difference(Estimate(0.5, 0.4, 0.6), Estimate(0.75, 0.65, 0.8)), difference(None, Estimate(1, 0, 2))
    ('+0.25 *', '')
    """
    if first is None or other is None:
        return ""
    apart = other.low > first.high or other.high < first.low
    return f"{other.value - first.value:+.4g}{' *' if apart else ''}"


def comparison_json(found: Comparison) -> dict[str, object]:
    """The comparison as JSON values, without curves and plots; lists are in the order of `runs`."""
    return {
        "project": found.project,
        "runs": list(found.runs),
        "about": _lists(found.about),
        "metrics": {name: [score_json(one) for one in scores] for name, scores in found.metrics.items()},
        "differences": {
            name: [None if one is None or scores[0] is None else one.value - scores[0].value for one in scores[1:]]
            for name, scores in found.metrics.items()
        },
        "metric": found.metric,
        "models": {name: [score_json(one) for one in scores] for name, scores in found.models.items()},
        "configuration": _lists(found.settings),
        "data": _lists(found.data),
        "code": _lists(found.code),
        "packages": _lists(found.packages),
        "notes": list(found.notes),
    }


def _lists(rows: Mapping[str, Cells]) -> dict[str, list[str]]:
    return {name: list(cells) for name, cells in rows.items()}


def score_json(one: Estimate | None) -> dict[str, float | None] | None:
    """A score as JSON values; null stands for NaN."""
    if one is None:
        return None
    return {name: None if math.isnan(value) else value for name, value in vars(one).items()}
