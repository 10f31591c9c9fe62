"""Preprocessing of a table as a part of the network, so that serving cannot differ from training."""

import numpy as np
import torch
from numpy.typing import NDArray

from omloop.core import ExampleArray
from omloop.kinds import Table


class TablePreprocessing(torch.nn.Module):
    """Turns rows of a table, float32 of shape (n, places), into network inputs, float32 of shape (n, `width`).

    It standardises everything but categories by the mean and standard deviation of `examples`, the training rows. That
    includes the values derived from dates and texts. An absent number becomes the mean, and each column that may be
    absent adds an indicator of absence. A category becomes one 0 or 1 a word; an absent one is all 0.

    >>> from omloop.kinds import Column
    >>> table = Table((Column("age", "integer"), Column("sex", "category", categories=("f", "m"))))
    >>> rows = np.array([[10, 0], [30, 1]], np.float32)
    >>> TablePreprocessing(table, rows)(torch.from_numpy(rows)).tolist()
    [[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """

    numbers: torch.Tensor
    mean: torch.Tensor
    deviation: torch.Tensor
    optional: torch.Tensor
    category: torch.Tensor
    code: torch.Tensor

    def __init__(self, table: Table, examples: ExampleArray) -> None:
        super().__init__()
        categories = table.indices("category")
        numbers = [place for place in range(len(table.places)) if place not in categories]
        mean, deviation = _statistics(table.matrix(examples)[:, numbers])
        optional = [i for i, column in enumerate(table.columns) if column.missing and column.type != "category"]
        words = [(i, code) for i in categories for code in range(len(table.columns[i].words))]
        self.register_buffer("numbers", torch.tensor(numbers, dtype=torch.int64))
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("deviation", torch.from_numpy(deviation))
        self.register_buffer("optional", torch.tensor(optional, dtype=torch.int64))
        self.register_buffer("category", torch.tensor([index for index, _ in words], dtype=torch.int64))
        self.register_buffer("code", torch.tensor([code for _, code in words], dtype=torch.float32))
        self.width = len(numbers) + len(optional) + len(words)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Preprocess rows."""
        parts = []
        if len(self.numbers):
            numbers = rows[:, self.numbers]
            parts.append((torch.where(torch.isnan(numbers), self.mean, numbers) - self.mean) / self.deviation)
        if len(self.optional):
            parts.append(torch.isnan(rows[:, self.optional]).to(rows.dtype))
        if len(self.category):
            parts.append((rows[:, self.category] == self.code).to(rows.dtype))
        return torch.cat(parts, dim=1)


def _statistics(numbers: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation by column over the values that are there; 0 and 1 where they say nothing."""
    values = numbers.astype(np.float64)
    absent = np.isnan(values)
    count = np.maximum(1, (~absent).sum(axis=0))
    mean = np.where(absent, 0.0, values).sum(axis=0) / count
    deviation = np.sqrt(np.where(absent, 0.0, np.square(values - mean)).sum(axis=0) / count)
    # Below this share of the mean, what float32 keeps of the spread is rounding.
    constant = deviation <= 1e-6 * np.maximum(1e-12, np.abs(mean))
    return mean.astype(np.float32), np.where(constant, 1.0, deviation).astype(np.float32)
