"""From records to a dataset: encode, split, fingerprint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Dataset, Kind, Part, Project
from omloop.data.identity import Identity
from omloop.data.prepared import encoded
from omloop.data.split import assign, dealt, fingerprint, record_keys

LEAST_ROWS = 10


def prepare(
    project: Project,
    records: Columns,
    kind: Kind,
    *,
    seed: int,
    validation: float = 0.1,
    test: float = 0.1,
    cache: Path | None = None,
    identity: Identity | None = None,
) -> Dataset:
    """Encode `records` as `kind` and split them into three parts; raises DataError for a record that does not fit.

    `seed` deals the parts, by the `identity` of the records: what `Identity.of` says where none is given. `cache` is a
    folder that keeps what was encoded.
    """
    keys = record_keys(records, [*kind.fields, project.target])
    groups = (identity or Identity.of(project, records)).deal
    targets = project.outputs.encode(records[project.target])
    examples = encoded(kind, records, keys, cache)
    slices = {name: np.array([str(value) for value in records[name]]) for name in project.slices if name in records}
    place = assign(groups, seed=seed, validation=validation, test=test)
    if project.part is not None and project.part in records:
        place = dealt(records[project.part], groups, seed=seed, validation=validation, test=test)

    def part(number: int) -> Part:
        rows: NDArray[np.int64] = np.flatnonzero(place == number)
        chosen = {name: values[rows] for name, values in slices.items()}
        return Part(examples[rows], targets[rows], keys[rows], chosen, rows.tolist())

    train, held_out, untouched = part(0), part(1), part(2)
    if min(len(train), len(held_out), len(untouched)) < 1 or len(keys) < LEAST_ROWS:
        raise DataError(f"{len(keys)} records are too few to train, validate and test on. Give more.")
    return Dataset(train, held_out, untouched, fingerprint(keys), "")
