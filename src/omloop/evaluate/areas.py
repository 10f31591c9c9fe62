"""The areas under two curves: how well probabilities put the examples of a class before the others."""

from collections.abc import Callable

import numpy as np

from omloop.core import NumberArray


def roc_auc(truth: NumberArray, outputs: NumberArray, positive: int = 1) -> float:
    """The area under the ROC curve; for more than two classes, the mean of each against the rest.

    It is the chance that an example of the class gets a higher probability than one of another. Ties count half (Hanley
    and McNeil, Radiology 143, 1982). The mean leaves out classes that do not occur. NaN where all examples are of one
    class.

    >>> roc_auc(np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]))
    0.5
    """
    return _over_classes(_above, truth, outputs, positive)


def pr_auc(truth: NumberArray, outputs: NumberArray, positive: int = 1) -> float:
    """Average precision: the area under the precision-recall curve, in steps; for more than two classes, the mean.

    It is the precision at the probability of each example of the class, on average. It does not interpolate: straight
    lines between the points promise too much (Davis and Goadrich, ICML 2006). Guessing gives the share of the class.
    The mean leaves out classes that do not occur. NaN where all examples are of one class.
    """
    return _over_classes(_precision, truth, outputs, positive)


def _over_classes(
    area: Callable[[NumberArray, NumberArray], float], truth: NumberArray, outputs: NumberArray, positive: int
) -> float:
    """The area of the positive one of two classes, or the mean over all that occur."""
    counts = np.bincount(truth, minlength=outputs.shape[1])
    if np.count_nonzero(counts) < 2:
        return float("nan")
    places = [positive] if outputs.shape[1] == 2 else np.flatnonzero(counts).tolist()
    found = [area(np.sort(outputs[truth == place, place]), np.sort(outputs[truth != place, place])) for place in places]
    return float(np.mean(found))


def _above(own: NumberArray, others: NumberArray) -> float:
    """The share of pairs in which an own probability is above another's; both arrays ascend."""
    below = np.searchsorted(others, own, "left") + np.searchsorted(others, own, "right")
    return float(below.mean()) / (2 * len(others))


def _precision(own: NumberArray, others: NumberArray) -> float:
    """The mean over own probabilities of the share of own ones among all as high or higher; both arrays ascend."""
    ours = len(own) - np.searchsorted(own, own, "left")
    theirs = len(others) - np.searchsorted(others, own, "left")
    return float((ours / (ours + theirs)).mean())
