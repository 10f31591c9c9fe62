"""The built-in scores, as functions of (truth, outputs) or of (truth, answered).

Truth has shape (n,): float64 for a number, int64 places of classes. Outputs have shape (n,) for a number and
(n, classes) probabilities for classes; `answered` are places of classes, shape (n,). They are plain NumPy, so that
promoting needs no scikit-learn; the tests compare each with scikit-learn's. NaN says that a score has no value.
"""

from typing import Any

import numpy as np

from omloop.core import NumberArray

Array = NumberArray


def r2(truth: Array, outputs: Array) -> float:
    """Coefficient of determination; for a constant truth 1 if all outputs equal it, else 0, as in scikit-learn."""
    error = float(np.add.reduce(np.square(truth - outputs)))
    spread = float(np.add.reduce(np.square(truth - _mean(truth))))
    if spread == 0.0:
        return 1.0 if error == 0.0 else 0.0
    return 1.0 - error / spread


def rmse(truth: Array, outputs: Array) -> float:
    """Root of the mean squared error, in the target's unit."""
    return float(np.sqrt(_mean(np.square(truth - outputs))))


def mae(truth: Array, outputs: Array) -> float:
    """Mean absolute error, in the target's unit."""
    return float(_mean(np.abs(truth - outputs)))


def quantile_loss(truth: Array, outputs: Array, quantile: float) -> float:
    """The pinball loss, least for the `quantile` of what can be true (Koenker and Bassett, Econometrica 46, 1978)."""
    off = truth - outputs
    return float(np.maximum(quantile * off, (quantile - 1) * off).mean())


def accuracy(truth: Array, answered: Array) -> float:
    """Share of examples whose answer is the true class."""
    return float((answered == truth).mean())


def balanced_accuracy(truth: Array, answered: Array) -> float:
    """Mean recall over the classes that occur."""
    hits = answered == truth
    counts = np.bincount(truth)
    recalls = np.bincount(truth, weights=hits)[counts > 0] / counts[counts > 0]
    return float(recalls.mean())


def macro_f1(truth: Array, answered: Array) -> float:
    """Unweighted mean of the F1 scores of the classes that occur in the truth or the answers."""
    size = int(max(truth.max(), answered.max())) + 1
    hits = np.bincount(truth[answered == truth], minlength=size)
    total = np.bincount(truth, minlength=size) + np.bincount(answered, minlength=size)
    return float((2 * hits[total > 0] / total[total > 0]).mean())


def recall(truth: Array, answered: Array, place: int) -> float:
    """Share of the examples of one class whose answer is that class; NaN where there are no such examples."""
    own = truth == place
    return float((answered[own] == place).mean()) if own.any() else float("nan")


def precision(truth: Array, answered: Array, place: int) -> float:
    """Share of the answers of one class that are true; 0 where no answer is that class, as in scikit-learn."""
    given = answered == place
    return float((truth[given] == place).mean()) if given.any() else 0.0


def log_loss(truth: Array, outputs: Array) -> float:
    """Mean negative logarithm of the probability given to the true class, in nats."""
    given = outputs[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(given, np.finfo(np.float32).eps, 1.0)).mean())


def brier(truth: Array, outputs: Array) -> float:
    """Mean squared distance of the probabilities from what came true, summed over the classes: from 0 to 2.

    So Brier had it (Monthly Weather Review 78, 1950). For two classes it is half of that, from 0 to 1: the squared
    error of either probability, as is usual and as scikit-learn does.
    """
    given = outputs[np.arange(len(truth)), truth]
    distance = np.square(outputs).sum(axis=1) - 2 * given + 1
    return float(distance.mean()) / (2 if outputs.shape[1] == 2 else 1)


def _mean(values: Array) -> Any:
    """What `values.mean()` is, at half the price: an interval asks for thousands of means of few numbers."""
    return np.add.reduce(values) / len(values)
