"""Which columns a model leans on, by permutation."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from omloop.core import Estimate, ExampleArray, Metric, NumberArray, Perturbable
from omloop.evaluate.evaluate import middle

SHUFFLES = 5
"""Shuffles of each column, as many as scikit-learn makes."""

RESAMPLES = 200
"""Draws of rows for an interval, each with one of the shuffles."""

MOST_ROWS = 2000
"""Examples that are shuffled at most, at even distances: a column takes ten thousand answers at most."""


def permutation_importance(
    predict: Callable[[ExampleArray], NumberArray],
    kind: Perturbable,
    examples: ExampleArray,
    truth: NumberArray,
    score: Metric,
    *,
    seed: int,
) -> dict[str, Estimate]:
    """How much worse the score gets after a shuffle of one column, by column name, the largest first.

    The method is Breiman's (Random Forests, 2001, section 10), on average over some shuffles. The interval is the
    middle 95 % of bootstrap draws. Each draws rows with replacement and takes one of the shuffles, so that it covers
    the chance of rows and of shuffling. It says nothing of another training. Draws on which the score has no value do
    not count. A column that the model ignores has importance 0. The result is empty for a kind without columns, or
    where the score has no value on the examples.
    """
    chosen = np.linspace(0, len(truth) - 1, min(MOST_ROWS, len(truth))).astype(np.int64)
    examples, truth = examples[chosen], truth[chosen]
    shuffled: dict[str, list[NumberArray]] = defaultdict(list)
    for turn in range(SHUFFLES):
        for name, copy in kind.shuffled(examples, seed + turn):
            shuffled[name].append(predict(copy))
    outputs = predict(examples) if shuffled else np.zeros(0)
    if not shuffled or not np.isfinite(whole := score(truth, outputs)):
        return {}
    draws = np.random.default_rng(seed).integers(0, len(truth), (RESAMPLES, len(truth)))
    before = np.array([score(truth[rows], outputs[rows]) for rows in draws])
    sign = 1.0 if score.higher_is_better else -1.0

    def lost(copies: list[NumberArray]) -> Estimate:
        value = whole - np.mean([score(truth, copy) for copy in copies])
        after = [score(truth[rows], copies[turn % SHUFFLES][rows]) for turn, rows in enumerate(draws)]
        return Estimate(float(sign * value), *middle(sign * (before - np.array(after))))

    losses = {name: lost(copies) for name, copies in shuffled.items()}
    return dict(sorted(losses.items(), key=lambda item: -item[1].value))
