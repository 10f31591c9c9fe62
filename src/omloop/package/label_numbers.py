"""What a graph calls the classes of an estimator; nobody reads it, but a classifier's graph answers it first."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def label_numbers(classes: ArrayLike) -> NDArray[np.int64]:
    """The classes themselves where they are integers, else their places.

    >>> label_numbers([3, 5]).tolist(), label_numbers(["fail", "pass"]).tolist()
    ([3, 5], [0, 1])
    """
    known = np.asarray(classes)
    return known.astype(np.int64) if known.dtype.kind in "biu" else np.arange(len(known))
