"""Moved and mirrored copies of pictures."""

from pathlib import Path

import numpy as np

from omloop.core import Job, Part
from omloop.kinds import Classes, Image
from omloop.train import more_pictures

PICTURES = Image(width=8, height=8, channels=1)


def job_of(count: int) -> Job:
    shades = np.random.default_rng(0).integers(0, 255, (count, 8, 8), np.uint8)
    part = Part(
        PICTURES.encode({"image": list(shades)}),
        np.arange(count) % 2,
        np.arange(count).astype(str),
        weights=np.ones(count),
    )
    return Job(None, PICTURES, Classes("side", ("l", "r")), part, part, 0, lambda step, scores: None, Path())


def test_copies_are_moved_and_mirrored_and_know_their_originals() -> None:
    """Ten rounds at most, the pictures themselves first, and whole rounds only."""
    job = job_of(40)
    more = more_pictures(job, 100).train
    np.testing.assert_array_equal(more.examples[:40], job.train.examples)
    np.testing.assert_array_equal(more.examples["pixels"][40:], job.train.examples["pixels"][:, :, ::-1])
    np.testing.assert_array_equal(more.targets, np.tile(job.train.targets, 2))
    assert len(more.weights) == 80
    assert len(more_pictures(job, 10**6).train) == 400
