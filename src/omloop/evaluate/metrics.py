"""Metrics as named functions of (truth, outputs).

Truth has shape (n,): float64 for a number, int64 class indices for classes. Outputs have shape (n,) for a number and
(n, classes) probabilities for classes. They are plain NumPy, so that promoting needs no scikit-learn; the tests compare
each with scikit-learn's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import UnknownNameError

Array = NDArray[Any]


@dataclass(frozen=True)
class Metric:
    """A named score, and whether more of it is better."""

    name: str
    higher_is_better: bool
    score: Callable[[Array, Array], float]

    def __call__(self, truth: Array, outputs: Array) -> float:
        """The score of `outputs` against `truth`."""
        return self.score(truth, outputs)


def metric(name: str) -> Metric:
    """The metric called `name`; raises UnknownNameError.

    >>> metric("mae")(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    1.0
    """
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    return METRICS[name]


def r2(truth: Array, outputs: Array) -> float:
    """Coefficient of determination; for a constant truth 1 if it is met, else 0, as in scikit-learn."""
    error = float(np.square(truth - outputs).sum())
    spread = float(np.square(truth - truth.mean()).sum())
    if spread == 0.0:
        return 1.0 if error == 0.0 else 0.0
    return 1.0 - error / spread


def rmse(truth: Array, outputs: Array) -> float:
    """Root of the mean squared error, in the target's unit."""
    return float(np.sqrt(np.square(truth - outputs).mean()))


def mae(truth: Array, outputs: Array) -> float:
    """Mean absolute error, in the target's unit."""
    return float(np.abs(truth - outputs).mean())


def accuracy(truth: Array, outputs: Array) -> float:
    """Share of examples whose most probable class is the true one."""
    return float((outputs.argmax(axis=1) == truth).mean())


def balanced_accuracy(truth: Array, outputs: Array) -> float:
    """Mean recall over the classes that occur."""
    hits = outputs.argmax(axis=1) == truth
    counts = np.bincount(truth)
    recalls = np.bincount(truth, weights=hits)[counts > 0] / counts[counts > 0]
    return float(recalls.mean())


def macro_f1(truth: Array, outputs: Array) -> float:
    """Unweighted mean of the F1 scores of the classes that occur or are predicted."""
    predicted = outputs.argmax(axis=1)
    size = outputs.shape[1]
    hits = np.bincount(truth[predicted == truth], minlength=size)
    total = np.bincount(truth, minlength=size) + np.bincount(predicted, minlength=size)
    return float((2 * hits[total > 0] / total[total > 0]).mean())


def log_loss(truth: Array, outputs: Array) -> float:
    """Mean negative logarithm of the probability given to the true class, in nats."""
    given = outputs[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(given, np.finfo(np.float32).eps, 1.0)).mean())


METRICS = {
    m.name: m
    for m in (
        Metric("r2", True, r2),
        Metric("rmse", False, rmse),
        Metric("mae", False, mae),
        Metric("accuracy", True, accuracy),
        Metric("balanced_accuracy", True, balanced_accuracy),
        Metric("macro_f1", True, macro_f1),
        Metric("log_loss", False, log_loss),
    )
}
