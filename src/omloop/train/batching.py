"""Examples in batches, for training and for answering."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Sampler, TensorDataset

from omloop.core import ExampleArray, Feeds, Job, Part
from omloop.kinds import Classes

PREDICT_ROWS = 1024
ALIKE = 50
"""How many batches to draw together before sorting their examples by length: more is less random."""


@dataclass(frozen=True)
class Lesson:
    """A part as tensors of equal rows: feeds in their order, then targets, then weights if there are any."""

    tensors: list[torch.Tensor]
    weighted: bool = False

    def __len__(self) -> int:
        return len(self.tensors[-1])

    @property
    def feeds(self) -> int:
        """How many feeds there are."""
        return len(self.tensors) - 1 - self.weighted

    def split(self, batch: Sequence[torch.Tensor]) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor | None]:
        """Feeds, targets and weights of a batch."""
        return list(batch[: self.feeds]), batch[self.feeds], batch[-1] if self.weighted else None


@dataclass(frozen=True)
class Share:
    """Which rows of each batch one of several processes takes: every `of`th, from `rank` on."""

    rank: int = 0
    of: int = 1


ALL = Share()


def lesson_of(job: Job, part: Part) -> Lesson:
    """A part of the job for a network to learn from; all parts have weights where the training part has any."""
    targets = part.targets if isinstance(job.outputs, Classes) else part.targets.astype(np.float32)
    behind = [torch.from_numpy(targets)]
    if weighted := len(job.train.weights) > 0:
        weights = np.asarray(part.weights if len(part.weights) else np.ones(len(part)))
        behind.append(torch.from_numpy(weights.astype(np.float32)))
    return Lesson([*tensors(job.inputs, part.examples), *behind], weighted)


def loader(
    lesson: Lesson, size: int, seed: int, *, shuffle: bool = False, by_length: bool = False, share: Share = ALL
) -> Any:
    """Batches of a lesson, or a `share` of each.

    With `by_length` the last feed is a mask over the second axis of all feeds. Examples of similar length share a
    batch, cut to the longest of them.
    """
    data = _Trimmed(lesson.feeds, *lesson.tensors) if by_length else TensorDataset(*lesson.tensors)
    lengths = lesson.tensors[lesson.feeds - 1].sum(dim=1) if by_length else None
    sampler = Batches(len(lesson), size, shuffle=shuffle, seed=seed, lengths=lengths, share=share)
    return DataLoader(data, sampler=sampler, batch_size=None)


def tensors(inputs: Feeds, examples: ExampleArray) -> list[torch.Tensor]:
    """The feeds of all examples, without a copy where torch can step through them as they lie."""
    feeds = inputs.feeds(examples).values()
    return [torch.from_numpy(feed if min(feed.strides) > 0 else np.ascontiguousarray(feed)) for feed in feeds]


def in_batches(module: torch.nn.Module, inputs: Feeds, examples: ExampleArray) -> torch.Tensor:
    """A module's output for examples, or the first of its outputs, run in the batches that the kind advises."""
    batches = inputs.batches(examples, PREDICT_ROWS)
    with torch.inference_mode():
        pieces = [_first(module(*tensors(inputs, examples[rows]))) for rows in batches]
    return torch.cat(pieces)[torch.from_numpy(np.argsort(np.concatenate(batches)))]


class Batches(Sampler[list[int]]):
    """Row numbers, a whole batch at once: one index operation instead of one a row.

    With `shuffle` their order depends only on the seed and the epoch, which Lightning tells through `set_epoch`. With
    `lengths`, of shape (rows,), rows of similar length share a batch, and the order of the batches is random. It gives
    a `share` of each batch. The last rows must be enough for all shares; otherwise nobody gets them.
    """

    def __init__(
        self,
        rows: int,
        size: int,
        *,
        shuffle: bool,
        seed: int,
        lengths: torch.Tensor | None = None,
        share: Share = ALL,
    ) -> None:
        self.rows, self.size, self.shuffle, self.seed, self.epoch = rows, size, shuffle, seed, 0
        self.lengths, self.share = lengths, share
        # A last batch of one row a share has no spread, which batch normalisation cannot train on.
        left = rows % size
        self.used = rows - left if shuffle and rows > size and left < 2 * share.of else rows

    def __len__(self) -> int:
        last = (self.used - 1) % self.size + 1
        return math.ceil(self.used / self.size) - (last <= self.share.rank)

    def __iter__(self) -> Iterator[list[int]]:
        # Drawn when the first batch is asked for: a resumed training is told its epoch only after it asked for batches.
        order = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        rows = torch.randperm(self.rows, generator=order) if self.shuffle else torch.arange(self.rows)
        rows = rows[: self.used]
        if self.lengths is not None:
            rows = self._alike(rows, self.lengths)
        batches = [rows[start : start + self.size].tolist() for start in range(0, self.used, self.size)]
        if self.lengths is not None and self.shuffle:
            batches = [batches[index] for index in torch.randperm(len(batches), generator=order).tolist()]
        yield from (own for batch in batches if (own := batch[self.share.rank :: self.share.of]))

    def set_epoch(self, epoch: int) -> None:
        """Draw another order from now on."""
        self.epoch = epoch

    def _alike(self, rows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Rows sorted by length: all of them, or each drawn pool of `ALIKE` batches."""
        pools = torch.split(rows, self.size * ALIKE) if self.shuffle else [rows]
        return torch.cat([pool[torch.argsort(lengths[pool], stable=True)] for pool in pools])


class _Trimmed(TensorDataset):
    """Feeds without the columns that only fill up, the last of them the mask, and what stands behind the feeds."""

    def __init__(self, feeds: int, *tensors: torch.Tensor) -> None:
        super().__init__(*tensors)
        self.feeds = feeds

    def __getitem__(self, rows: list[int]) -> tuple[torch.Tensor, ...]:
        chosen = [tensor[rows] for tensor in self.tensors]
        feeds, behind = chosen[: self.feeds], chosen[self.feeds :]
        longest = max(1, int(feeds[-1].sum(dim=1).max()))
        return (*(feed[:, :longest] for feed in feeds), *behind)


def _first(answer: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    return answer[0] if isinstance(answer, tuple) else answer
