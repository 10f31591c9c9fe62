"""Which columns a model leans on, by permutation."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.evaluate.metrics import Metric


def permutation_importance(
    predict: Callable[[NDArray[Any]], NDArray[Any]],
    examples: NDArray[Any],
    truth: NDArray[Any],
    names: Sequence[str],
    score: Metric,
    *,
    seed: int,
) -> dict[str, float]:
    """How much worse the score gets when one column is shuffled, by column name, the largest first.

    The method is Breiman's (Random Forests, 2001, section 10). A column that the model ignores has importance 0.
    """
    draw = np.random.default_rng(seed)
    sign = 1.0 if score.higher_is_better else -1.0
    whole = score(truth, predict(examples))
    losses = {}
    for index, name in enumerate(names):
        shuffled = examples.copy()
        shuffled[:, index] = draw.permutation(shuffled[:, index])
        losses[name] = sign * (whole - score(truth, predict(shuffled)))
    return dict(sorted(losses.items(), key=lambda item: -item[1]))
