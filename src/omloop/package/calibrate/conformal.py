"""Intervals around numbers that hold a promise whatever the model is: split conformal prediction.

Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Lei et al., Distribution-free predictive
inference for regression, JASA 113, 2018.
"""

import math

import numpy as np
from numpy.typing import NDArray


def half_width(errors: NDArray[np.float64], level: float) -> float | None:
    """Half the width of an interval that covers a share `level` of new examples, by the `errors` of held-out ones.

    It is the ceil((n + 1) level)-th smallest of n absolute errors. If held-out and new examples are exchangeable, the
    interval of a new one holds the truth with a chance of at least `level`. None for fewer than `level / (1 - level)`
    examples: not even their largest error promises that.

    >>> half_width(np.arange(1.0, 20.0), 0.9), half_width(np.arange(8.0), 0.9)
    (18.0, None)
    """
    place = math.ceil(round((len(errors) + 1) * level, 9))
    if place > len(errors):
        return None
    return float(np.partition(errors, place - 1)[place - 1])


def least_rows(level: float) -> int:
    """How many held-out examples an interval of this level takes.

    >>> least_rows(0.9), least_rows(0.95)
    (9, 19)
    """
    return math.ceil(round(level / (1 - level), 9))
