"""The final training data of a split by time: everything older than the test part, even the newest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import Dataset, Part
from omloop.data import drawn
from omloop.loop.records.live_records import some_of

if TYPE_CHECKING:
    from omloop.loop.project.plan import Plan
    from omloop.loop.records.records import Records


def up_to_test(plan: Plan, records: Records, dataset: Dataset) -> Dataset:
    """The dataset whose training part reaches up to the test part, if time splits and the configuration allows it.

    The records between the two chose the model: what worked next. Learning from them too, the newest there are, brings
    it up to date. As many others, drawn by their keys, become the validation part: held-out records set thresholds, and
    define what is usual. Without such a change it gives the same dataset.
    """
    split = plan.config.split
    if not split.again or records.identity.times is None:
        return dataset
    pool = joined(dataset.train, dataset.validation)
    share = len(dataset.validation) / len(pool)
    chosen = drawn(records.identity.deal[np.asarray(pool.rows, np.int64)], share, seed=split.seed)
    if chosen.all() or not chosen.any():
        return dataset
    train, validation = (some_of(pool, np.flatnonzero(here)) for here in (~chosen, chosen))
    return replace(dataset, train=train, validation=validation)


def joined(one: Part, other: Part) -> Part:
    """The examples of two parts, one behind the other."""
    return Part(
        examples=np.concatenate([one.examples, other.examples]),
        targets=np.concatenate([one.targets, other.targets]),
        keys=np.concatenate([one.keys, other.keys]),
        slices={name: np.concatenate([one.slices[name], other.slices[name]]) for name in one.slices},
        rows=[*one.rows, *other.rows],
        times=np.concatenate([one.times, other.times]),
        weights=np.concatenate([one.weights, other.weights]),
    )
