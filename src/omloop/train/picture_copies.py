"""More pictures to learn from, for estimators that know nothing of pictures: moved and mirrored copies."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omloop.core import Job

STEPS = ((0, 0), (2, 0), (-2, 0), (0, 2), (0, -2))
"""How to move copies of a picture: rows down and columns right."""


def more_pictures(job: Job, enough: int) -> Job:
    """The job with mirrored and moved copies of its training pictures behind them.

    It adds whole rounds of copies, up to nine, while there are no more than `enough` pictures.
    """
    pictures, targets = job.train.examples, job.train.targets
    rounds = max(1, min(2 * len(STEPS), enough // max(1, len(pictures))))
    both = [(moved, mirrored) for moved in STEPS for mirrored in (False, True)][:rounds]
    copies = np.concatenate([_copies(pictures, *how) for how in both])
    origins = np.tile(np.arange(len(pictures)), rounds)
    weights = np.asarray(job.train.weights)[origins] if len(job.train.weights) else ()
    part = replace(job.train, examples=copies, targets=targets[origins], keys=job.train.keys[origins], weights=weights)
    return replace(job, train=part)


def _copies(pictures: NDArray[np.void], moved: tuple[int, int], mirrored: bool) -> NDArray[np.void]:
    """The same examples with other pixels."""
    copies = pictures.copy()
    copies["pixels"] = _moved(pictures["pixels"], moved, mirrored)
    return copies


def _moved(pixels: NDArray[np.uint8], moved: tuple[int, int], mirrored: bool) -> NDArray[np.uint8]:
    """Pixels of shape (n, height, width, channels), moved within repeated edges."""
    down, right = moved
    margin = max(abs(down), abs(right))
    wide = np.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="edge")
    height, width = pixels.shape[1:3]
    found = wide[:, margin - down :, margin - right :][:, :height, :width]
    return found[:, :, ::-1] if mirrored else found
