"""Which columns a model leans on, by permutation."""

from collections.abc import Callable, Iterable
from typing import Any

from numpy.typing import NDArray

from omloop.evaluate.metrics import Metric


def permutation_importance(
    predict: Callable[[NDArray[Any]], NDArray[Any]],
    examples: NDArray[Any],
    truth: NDArray[Any],
    shuffled: Iterable[tuple[str, NDArray[Any]]],
    score: Metric,
) -> dict[str, float]:
    """How much worse the score gets when one column is shuffled, by column name, the largest first.

    `shuffled` gives each column's name with the examples in which it is shuffled. The method is Breiman's (Random
    Forests, 2001, section 10). A column that the model ignores has importance 0.
    """
    sign = 1.0 if score.higher_is_better else -1.0
    whole = score(truth, predict(examples))
    losses = {name: sign * (whole - score(truth, predict(copy))) for name, copy in shuffled}
    return dict(sorted(losses.items(), key=lambda item: -item[1]))
