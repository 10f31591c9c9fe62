"""A category's words as numbers: its place, how frequent it is, and what targets it goes with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from omloop.train.catalogue.encoder_plan import EncoderPlan

FOLDS = 5
PRIOR = 10.0
"""Rows that the mean of all counts as, beside those of a word (Micci-Barreca 2001)."""

MOST_CELLS = 500_000
"""Words times columns of their own: a table of two megabytes."""


@dataclass(frozen=True)
class Words:
    """What each word of one column is encoded as.

    `table` is float32 of shape (words + 1, width), the absent word last. `fold_tables` of shape (folds, words + 1,
    width) are learned without the rows of each fold, and `folds` says which fold each training row is in.
    """

    table: NDArray[np.float32]
    fold_tables: NDArray[np.float32]
    folds: NDArray[np.int64]

    @classmethod
    def learned(
        cls,
        codes: NDArray[np.int64],
        size: int,
        targets: NDArray[np.float64],
        weights: NDArray[np.float64],
        plan: EncoderPlan,
        seed: int,
    ) -> Self:
        """Learn from the codes of training rows, shape (n,), and their targets, shape (n, d)."""
        counts = np.bincount(codes, minlength=size + 1)
        plain = _plain(counts, plan)
        if size <= 2 and not counts[size]:
            return cls(plain, plain[None], np.zeros(len(codes), np.int64))
        folds = np.random.default_rng(seed).integers(0, FOLDS, len(codes))
        sums = np.zeros((FOLDS, size + 1, 1 + targets.shape[1]))
        weighed = np.concatenate([weights[:, None], targets * weights[:, None]], axis=1)
        for fold in range(FOLDS):
            rows = folds == fold
            for column in range(weighed.shape[1]):
                sums[fold, :, column] = np.bincount(codes[rows], weighed[rows, column], size + 1)
        every = sums.sum(axis=0)
        apart = np.stack([np.concatenate([plain, _means(every - one)], axis=1) for one in sums])
        return cls(np.concatenate([plain, _means(every)], axis=1), apart, folds)

    def unseen(self, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """The training rows' words, each as the rows of the other folds know it; shape (n, width)."""
        return self.fold_tables[self.folds, codes]


def _plain(counts: NDArray[np.int64], plan: EncoderPlan) -> NDArray[np.float32]:
    """What is told of a word without the targets."""
    size = len(counts) - 1
    parts: list[NDArray[np.float64]] = [np.empty((size + 1, 0))]
    if plan.coded:
        parts.append(np.arange(size + 1, dtype=np.float64)[:, None])
        if size > plan.one_hot:
            parts.append(np.asarray(np.log1p(counts), np.float64)[:, None])
    if not plan.coded or 2 < size <= plan.one_hot:
        frequent = np.argsort(-counts, kind="stable")[: min(plan.one_hot, MOST_CELLS // size) + 1]
        own = np.sort(frequent[counts[frequent] > 0])
        shown = np.zeros((size + 1, len(own)))
        shown[own, np.arange(len(own))] = 1.0
        parts.append(shown)
    return np.concatenate(parts, axis=1).astype(np.float32)


def _means(sums: NDArray[np.float64]) -> NDArray[np.float32]:
    """The mean target of each word, drawn to the mean of all, from sums of weights and of weighed targets."""
    counts, totals = sums[:, :1], sums[:, 1:]
    mean = totals.sum(axis=0) / max(counts.sum(), 1e-12)
    return np.asarray((totals + PRIOR * mean) / (counts + PRIOR), np.float32)
