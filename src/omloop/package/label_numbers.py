"""The numbers by which a graph names an estimator's classes; nobody reads them, but a classifier answers them first."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def label_numbers(classes: ArrayLike) -> NDArray[np.int64]:
    """The classes themselves where they are integers, else their places.

    >>> label_numbers([3, 5]).tolist(), label_numbers(["fail", "pass"]).tolist()
    ([3, 5], [0, 1])
    """
    known = np.asarray(classes)
    return known.astype(np.int64) if known.dtype.kind in "biu" else np.arange(len(known))
