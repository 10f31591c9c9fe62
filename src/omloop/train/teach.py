"""Learning from a trained model's answers besides the truth (Hinton, Vinyals and Dean 2015, distillation)."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Job
from omloop.kinds import Classes

TRUTH = 0.5
"""The share of the truth in what is learned; the rest is what the teacher answers."""


def distil(job: Job, answers: NDArray[Any]) -> Job:
    """The same job with targets halfway between the truth and a teacher's `answers` to the training examples.

    Targets of classes become shares, float32 of shape (n, classes), which `fit_network` learns as well as indices.
    """
    truth: NDArray[Any] = job.train.targets
    if isinstance(job.outputs, Classes):
        truth = np.eye(len(job.outputs.classes), dtype=np.float32)[truth]
    targets = TRUTH * truth + (1 - TRUTH) * answers
    return replace(job, train=replace(job.train, targets=targets.astype(truth.dtype)))
