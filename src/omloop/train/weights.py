"""How much each example counts in training."""

import numpy as np
from numpy.typing import NDArray

from omloop.core import Job, Part
from omloop.kinds import Classes


def weights_of(job: Job, part: Part, balance: float = 0.0) -> NDArray[np.float64] | None:
    """The weight of each example, 1 on average; None where all count alike.

    `balance` from 0 to 1 multiplies a class's weight by its frequency in training to the power of -`balance`.
    """
    if not len(part.weights) and not (balance and isinstance(job.outputs, Classes)):
        return None
    weights = np.asarray(part.weights, np.float64) if len(part.weights) else np.ones(len(part))
    if balance and isinstance(job.outputs, Classes):
        counts = np.bincount(job.train.targets, minlength=len(job.outputs.classes))
        weights = weights * (np.maximum(counts, 1) ** -float(balance))[part.targets]
    return np.asarray(weights / weights.mean()) if weights.sum() > 0 else None
