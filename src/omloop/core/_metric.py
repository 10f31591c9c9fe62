"""A metric: a named score of answers, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core._arrays import NumberArray
from omloop.core._errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Score = Callable[["NDArray[Any]", "NDArray[Any]"], float]
"""A function of the truth, shape (n,), and of the answers; NaN if it is undefined on these rows."""


@dataclass(frozen=True)
class Metric:
    """A named score, and whether more of it is better.

    `score` takes the truth, shape (n,): float64 for a number, int64 class indices for classes. Its second argument is
    the model's output, shape (n,) or (n, classes) probabilities. For an `answered` metric it is the indices of the
    answered classes, shape (n,), as a threshold decides.

    >>> Metric("off", False, lambda truth, outputs: abs(truth - outputs))(3, 5)
    2
    """

    name: str
    higher_is_better: bool
    score: Score
    answered: bool = False

    def __call__(self, truth: NumberArray, outputs: NumberArray) -> float:
        """The score of `outputs` against `truth`."""
        return self.score(truth, outputs)


def higher_is_better(score: Score, *, answered: bool = False) -> Metric:
    """The function as a metric where more is better; see `Metric` for `answered`."""
    return Metric(_name(score), True, score, answered)


def lower_is_better(score: Score, *, answered: bool = False) -> Metric:
    """The function as a metric where less is better, such as a cost; see `Metric` for `answered`.

    >>> @lower_is_better
    ... def cost(truth, outputs):
    ...     return 10.0
    >>> cost.name, cost.higher_is_better
    ('cost', False)
    """
    return Metric(_name(score), False, score, answered)


def check_metrics(project: str, metrics: Mapping[str, Metric]) -> None:
    """Refuse anything that is no named metric; raises ConfigError, which says what to write."""
    if not isinstance(metrics, Mapping):
        raise ConfigError(f"`metrics` of '{project}' is no mapping. Write metrics={{'cost': lower_is_better(cost)}}.")
    for name, given in metrics.items():
        if not isinstance(name, str) or not name.strip():
            raise ConfigError(f"A metric of '{project}' is called {name!r}. Give it a name.")
        if isinstance(given, Metric):
            continue
        if not callable(given):
            raise ConfigError(f"The metric '{name}' of '{project}' is {given!r:.60}, no function of (truth, outputs).")
        called = _name(given)
        raise ConfigError(
            f"The metric '{name}' of '{project}' does not say which way is better. "
            f"Write lower_is_better({called}) or higher_is_better({called}); both are in omloop."
        )


def _name(score: object) -> str:
    return str(getattr(score, "__name__", type(score).__name__))
