"""Which columns say how records belong together, when they came, and which record is which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.data.by_time import SECONDS
from omloop.data.infer.features import calendar_years, is_id_name
from omloop.data.infer.guess import Role
from omloop.data.infer.profile import Profile
from omloop.data.quality.undeclared_groups import LEAST_SIZE, MOST_SIZE, group_score
from omloop.data.times import FALLS

LEAST_GROUPS = 20
ALIKE = 0.98
"""The share of the groups in which a column never changes that shows an entity, if it changes in others."""
VARIED = 0.1
"""The share of the rows that do not have a column's most frequent value, below which it says nothing of groups."""
LEAST_ALIKE = 2
_ENTITY = re.compile(
    r"individual|person|people|patient|subject|customer|client|user|household|family|firm|company|student|pupil|driver|"
    r"device|machine|sensor|player|stratum|pair|session|lesion|animal|account|member|^nr$",
    re.IGNORECASE,
)
"""Names of columns of entities: evidence beside the rows, never alone."""
_MOST_ROWS = 100_000
_SEED = 59
_LEAST_MOMENTS = 10


def find_time(columns: Sequence[Profile]) -> Role | None:
    """The first column of dates that rise with the rows, or of seconds since 1970 or of years that do."""
    for one in columns:
        clock = one.whole and (_seconds(one.numbers) or (calendar_years(one) and "year" in one.name.lower()))
        if (one.content != "dates" and not clock) or one.missing or one.distinct < _LEAST_MOMENTS:
            continue
        steps = np.diff(one.numbers)
        for sign, words in ((1, "rise"), (-1, "fall")):
            back = float((sign * steps < 0).mean())
            if back <= FALLS:
                what = "dates" if not clock else "years" if calendar_years(one) else "seconds since 1970"
                return Role(one.name, f"its {what} {words} with the rows ({100 * back:.2g} % of the steps go back)")
    return None


def find_group(columns: Sequence[Profile], targets: NDArray[np.float64], *, words: bool) -> Role | None:
    """The first column of ids that come again, if their rows have one target, are alike, or are evenly many."""
    for one in columns:
        if not _may_group(one):
            continue
        if score := _targets_alike(one, targets, words=words):
            return Role(one.name, f"{score} of the target follows from the other rows of a value; {_sizes(one)}")
        alike = _alike(one, columns)
        if len(alike) >= LEAST_ALIKE:
            named = ", ".join(f"'{name}'" for name in alike[:3])
            return Role(one.name, f"its rows are alike in {named}, which never change for a value; {_sizes(one)}")
        if times := _evenly(one):
            return Role(one.name, f"its values come {times} times each, as in a design; {_sizes(one)}")
    return None


def find_id(columns: Sequence[Profile], ids: Mapping[str, str]) -> Role | None:
    """The first column of ids that names records, by its name or as UUIDs; not one that counts the rows."""
    for one in columns:
        reason = ids.get(one.name, "")
        unique = one.distinct == one.rows
        if reason and unique and one.name.strip() and (is_id_name(one.name) or "UUID" in reason):
            steps = np.diff(one.numbers) if one.content == "numbers" else np.zeros(1)
            if not (steps == 1).all():  # the row's number is another one in the next export
                return Role(one.name, reason)
    return None


def _seconds(numbers: NDArray[np.float64]) -> bool:
    known = numbers[~np.isnan(numbers)]
    return bool(len(known)) and bool(((known >= SECONDS[0]) & (known <= SECONDS[1])).all())


def _may_group(one: Profile) -> bool:
    """Whether values look like names of entities: as a name has it, integers or words that come 2 to 50 times."""
    if one.content == "words" or one.whole:
        size = one.present / max(1, one.distinct)
        return (
            is_id_name(one.name)
            and not one.missing
            and one.distinct >= LEAST_GROUPS
            and LEAST_SIZE <= size <= MOST_SIZE
        )
    return False


def _sizes(one: Profile) -> str:
    return f"{one.distinct:,} values in {one.present:,} rows"


def _evenly(one: Profile) -> int:
    """How many times each value comes, if it is the same for nearly all and more than once; else 0."""
    counts = np.unique(one.numbers, return_counts=True)[1]
    usual = int(np.median(counts))
    return usual if usual > 1 and (counts == usual).mean() >= ALIKE else 0


def _targets_alike(one: Profile, targets: NDArray[np.float64], *, words: bool) -> str:
    rows = np.flatnonzero(~np.isnan(targets))[:_MOST_ROWS]
    if not len(rows):
        return ""
    train = np.random.default_rng(_SEED).random(len(rows)) < 2 / 3
    groups = one.numbers[rows]
    score = group_score(groups, targets[rows], train, words=words)
    return f"{100 * score.value:.0f} %" if score is not None else ""


def _alike(one: Profile, columns: Sequence[Profile]) -> list[str]:
    """Columns that vary among the rows, and hardly ever among those of one value."""
    groups = one.numbers[:_MOST_ROWS]
    order = np.argsort(groups, kind="stable")
    same = np.diff(groups[order]) == 0
    if same.sum() < LEAST_GROUPS:
        return []
    found = []
    for other in columns:
        if (
            other.name == one.name
            or other.content == "nothing"
            or other.distinct < 2
            or other.distinct == other.present
        ):
            continue
        values = np.nan_to_num(other.numbers[:_MOST_ROWS], nan=-1.0)
        most = np.unique(values, return_counts=True)[1].max() / len(values)
        unchanged = (np.diff(values[order]) == 0)[same].mean()
        if 1 - most >= VARIED and unchanged >= ALIKE:
            found.append(other.name)
    return found
