"""Learning from a trained model's answers besides the truth (Hinton, Vinyals and Dean 2015, distillation)."""

from dataclasses import replace

import numpy as np

from omloop.core import Job, NumberArray
from omloop.kinds import Classes

TRUTH = 0.5
"""The share of the truth in the student's target; the rest is the teacher's answer."""


def distil(job: Job, answers: NumberArray) -> Job:
    """The same job with targets halfway between the truth and a teacher's `answers` to the training examples.

    Targets of classes become shares, float32 of shape (n, classes), which `fit_network` learns as well as indices.
    """
    truth: NumberArray = job.train.targets
    if isinstance(job.outputs, Classes):
        truth = np.eye(len(job.outputs.classes), dtype=np.float32)[truth]
    targets = TRUTH * truth + (1 - TRUTH) * answers
    return replace(job, train=replace(job.train, targets=targets.astype(truth.dtype)))
