"""Learning from a part of the records: whole groups, every class in its share, the same ones each time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ConfigError, Project
from omloop.data.identity import named_by
from omloop.data.rows import take_rows
from omloop.data.split import record_keys

ALL = 1.0


def require_fraction(fraction: float) -> None:
    """Let a fraction pass that leaves some records; raises ConfigError for another.

    >>> require_fraction(1.5)
    Traceback (most recent call last):
    ...
    omloop.ConfigError: data.fraction=1.5 is not a share of the records; give more than 0 and at most 1.
    """
    if not 0 < fraction <= ALL:
        raise ConfigError(
            f"data.fraction={fraction:g} is not a share of the records; give more than 0 and at most {ALL:g}.",
            key="data.fraction",
        )


def fraction_of(project: Project, records: Columns, fraction: float, *, seed: int) -> tuple[Columns, tuple[str, ...]]:
    """The share `fraction` of the records, and the dropped ones, in words.

    Groups stay whole, and each class (of each part of a publisher) keeps its share. The choice of groups depends only
    on their content and the seed: a larger fraction contains a smaller one.
    """
    require_fraction(fraction)
    if fraction == ALL:
        return records, ()
    keep = choose_fraction(record_keys(records, named_by(project)), _strata(project, records), fraction, seed=seed)
    kept = take_rows(records, keep)
    return kept, (f"only {len(keep)} of {len(records[project.target])} records were taken: data.fraction={fraction:g}",)


def choose_fraction(groups: NDArray[np.str_], strata: Sequence[str], fraction: float, *, seed: int) -> list[int]:
    """Positions of the records to take: of each stratum its first groups, in an order that the seed draws.

    As many groups as come nearest to the share, and one at least: no more than half a group too many. A group lies in
    the stratum of its record whose stratum sorts first.

    >>> choose_fraction(np.array(["a", "a", "b", "c"]), ["x", "x", "x", "y"], 0.5, seed=1)
    [2, 3]
    """
    members: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(groups.tolist()):
        members[group].append(row)
    by_stratum: dict[str, list[str]] = defaultdict(list)
    for group, rows in members.items():
        by_stratum[min(strata[row] for row in rows)].append(group)
    taken: list[int] = []
    for found in by_stratum.values():
        order = sorted(found, key=lambda group: _place(f"{seed}:fraction:{group}"))
        sizes = np.cumsum([len(members[group]) for group in order])
        count = int(np.abs(sizes - fraction * sizes[-1]).argmin()) + 1
        taken += [row for group in order[:count] for row in members[group]]
    return sorted(taken)


def _strata(project: Project, records: Columns) -> list[str]:
    """The stratum of each record: its class, if there are classes, and its publisher's part, if there is one."""
    rows = len(records[project.target])
    classes = records[project.target] if project.outputs.classes else [""] * rows
    parts = records.get(project.part or "", [""] * rows)
    return [f"{label}\x1f{part}" for label, part in zip(classes, parts, strict=True)]


def _place(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=8).digest()
