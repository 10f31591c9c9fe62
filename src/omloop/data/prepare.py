"""From records to a dataset: encode, split, fingerprint."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Dataset, Kind, Part, Project
from omloop.data.by_time import by_time
from omloop.data.encoded_cache import encode_cached
from omloop.data.identity import Identity
from omloop.data.split import TENTHS, Shares, assign, dealt, fingerprint, record_keys
from omloop.data.weights import record_weights

LEAST_ROWS = 10


def prepare(
    project: Project,
    records: Columns,
    kind: Kind,
    *,
    seed: int,
    shares: Shares = TENTHS,
    cache: Path | None = None,
    identity: Identity | None = None,
) -> Dataset:
    """Encode `records` as `kind` and split them into three parts; raises DataError for a record that does not fit.

    `seed` deals the parts by the `identity` of the records, by default that of `Identity.of`. If the identity knows
    when records came, time deals them; see `by_time`. `cache` is a folder that keeps encoded records.
    """
    keys = record_keys(records, [*kind.fields, project.target])
    identity = identity or Identity.of(project, records)
    groups, times = identity.deal, identity.times
    targets = project.outputs.encode(records[project.target])
    examples = encode_cached(kind, records, keys, cache)
    weights = record_weights(project, records)
    slices = {name: np.array([str(value) for value in records[name]]) for name in project.slices if name in records}
    sizes, came = asdict(shares), np.empty(0)
    if times is not None:
        place, came = by_time(times, groups if project.group else None, **sizes), times.seconds
    elif project.part is not None and project.part in records:
        place = dealt(records[project.part], groups, seed=seed, **sizes)
    else:
        place = assign(groups, seed=seed, **sizes)

    def part(number: int) -> Part:
        rows: NDArray[np.int64] = np.flatnonzero(place == number)
        chosen = {name: values[rows] for name, values in slices.items()}
        moments, counted = (values[rows] if len(values) else values for values in (came, weights))
        return Part(examples[rows], targets[rows], keys[rows], chosen, rows.tolist(), moments, counted)

    train, held_out, untouched = part(0), part(1), part(2)
    if len(train) and len(weights) and not np.any(train.weights):
        raise DataError(f"No record of the training part has a weight above 0 in '{project.weight}'. Give more.")
    if min(len(train), len(held_out), len(untouched)) < 1 or len(keys) < LEAST_ROWS:
        raise DataError(f"{len(keys)} records are too few to train, validate and test on. Give more.")
    return Dataset(train, held_out, untouched, fingerprint(keys), "")
