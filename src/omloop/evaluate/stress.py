"""How a model bears inputs that go wrong, before anybody relies on it: its score under graded corruptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from omloop.core import Columns, Estimate, ExampleArray, Kind, Metric, NumberArray
from omloop.evaluate.evaluate import SLICE_RESAMPLES, estimate

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
LEAST_ROWS = 20
"""As few as the gate compares on."""


@dataclass(frozen=True)
class StressScore:
    """The score on inputs that one corruption of a strength spoilt; strength 0 is what they were before.

    `refused` is the share of inputs that a server would have refused; the score is that of the others, None for fewer
    than 20.
    """

    corruption: str
    strength: float
    refused: float
    score: Estimate | None


def stress(
    kind: Kind,
    predict: Callable[[ExampleArray], NumberArray],
    columns: Columns,
    truth: NumberArray,
    score: Metric,
    *,
    seed: int,
) -> Iterator[StressScore]:
    """Spoil raw records in every way that the kind knows, ever stronger, and score the answers to those it still takes.

    `columns` are raw records and `truth` their true values, shape (n,); both stay unchanged.
    """

    def scored(name: str, strength: float, spoilt: Columns) -> StressScore:
        kept = np.flatnonzero(~kind.bad_rows(spoilt))
        found = None
        if len(kept) >= LEAST_ROWS:
            examples = kind.encode({field: [spoilt[field][row] for row in kept.tolist()] for field in kind.fields})
            found = estimate(score, truth[kept], predict(examples), seed=seed, resamples=SLICE_RESAMPLES)
        return StressScore(name, strength, 1 - len(kept) / len(truth), found)

    before = scored("", 0.0, columns)
    for name in kind.corruptions:
        yield replace(before, corruption=name)
        for strength in STRENGTHS:
            yield scored(name, strength, kind.corrupted(columns, name, strength, seed))
