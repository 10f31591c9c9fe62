"""Batches of like length."""

from itertools import pairwise
from pathlib import Path

import pytest

from omloop.testing.encoders import tiny_tokenizer
from omloop.testing.jobs import review_job

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")
from dataclasses import replace  # noqa: E402

from omloop.train.batching import ALIKE, Batches, lesson_of, loader  # noqa: E402

LENGTHS = torch.randint(1, 100, (1000,), generator=torch.Generator().manual_seed(0))


def test_every_row_is_in_one_batch_an_epoch_and_epochs_differ() -> None:
    batches = Batches(1000, 8, shuffle=True, seed=0, lengths=LENGTHS)
    first = list(batches)
    assert sorted(row for batch in first for row in batch) == list(range(1000))
    assert first == list(batches)
    batches.set_epoch(1)
    assert first != list(batches)


def test_rows_of_like_length_share_a_batch() -> None:
    """Much less is filled up than in batches drawn at random, and short and long ones still take turns."""

    def filled(batches: list[list[int]]) -> int:
        return sum(int(LENGTHS[batch].max()) * len(batch) for batch in batches) - int(LENGTHS.sum())

    alike = list(Batches(1000, 8, shuffle=True, seed=0, lengths=LENGTHS))
    assert filled(alike) < 0.2 * filled(list(Batches(1000, 8, shuffle=True, seed=0)))
    means = [float(LENGTHS[batch].float().mean()) for batch in alike]
    assert any(later < earlier for earlier, later in pairwise(means[:ALIKE]))


def test_a_batch_is_as_wide_as_its_longest_text(tmp_path: Path) -> None:
    job = review_job(tmp_path)
    job = replace(job, inputs=job.inputs.tokenized(tiny_tokenizer(job.train.examples.tolist()), 16))  # type: ignore[attr-defined]
    widths = set()
    for ids, mask, targets in loader(lesson_of(job, job.train), 16, 0, by_length=True):
        assert ids.shape == mask.shape == (len(targets), int(mask.sum(dim=1).max()))
        widths.add(ids.shape[1])
    assert len(widths) > 3
