"""Turn after turn on the same test rows: what earlier candidates tell about the luck of the champion there.

In a champion's reign, a gate compares all candidates with the same answers of the champion. Where these were unlucky on
the test rows, every equal candidate seems better, and sooner or later the gate promotes one. What one decision took
from its rows (`PartUse`) lets the next tell luck from gain. See
docs/decisions/0034-turn-after-turn-on-one-test-part.md.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omloop.core import PartUse
from omloop.promote.bootstrap import gain_of, student
from omloop.promote.case import Case

GROUPS = 256
"""Groups of rows whose shares in a gain are kept: the standard error of a difference is known to 4 %."""

SKETCH = 64
"""Hashes by which a part is known again (Bar-Yossef et al., Counting Distinct Elements in a Data Stream, 2002)."""

SAME = 0.25
"""A part counts as used where a quarter of its rows were: with fewer in common they share little luck."""

MAJORITY = 0.3
"""The share of the gate's error that is left beside half of the earlier candidates, or more.

With the gate's confidence of 0.96 at most 5 of 100 series of 50 equal candidates then promote one, whatever the share
of luck that they have in common, and a gain of 3.2 standard errors is found four times in five at the tenth turn
(`python benchmarks/loop/series.py`).
"""


def use_of(case: Case) -> PartUse | None:
    """What judging `case` takes from its rows; None where they have no keys, or where the gain has no value on them.

    Rows of one cluster lie in one group. Each group's share is the loss of gain without it: the jackknife by groups
    (Shao and Wu, A General Theory for Jackknife Variance Estimation, The Annals of Statistics 17, 1989).
    """
    if case.keys is None:
        return None
    hashes = np.array([_hash(key) for key in case.keys], np.int64)
    first = _first_of(hashes, case.clusters)
    group, shares = first % GROUPS, np.zeros(GROUPS)
    answers = replace(case, clusters=None, keys=None, slices={})
    with np.errstate(all="ignore"):
        gain = _gain(answers)
        for number in np.unique(group):
            rest = group != number
            shares[number] = (gain - _gain(answers.only(rest))) * rest.mean()
    if not (math.isfinite(gain) and np.isfinite(shares).all()):
        return None
    names = np.unique(hashes)[:SKETCH].tolist()
    kept = (float(f"{share:.4g}") for share in shares)  # a history of many decisions stays small
    return PartUse(case.version, case.metric.name, gain, len(np.unique(first)), tuple(names), tuple(kept))


def same_rows(now: PartUse, uses: Sequence[PartUse]) -> tuple[PartUse, ...]:
    """Those of `uses`, oldest first, that took the same rows before this candidate did, each candidate once.

    So judging a candidate again is no new use, and gives the same answer.
    """
    found: dict[str, PartUse] = {}
    for use in uses:
        comparable = use.metric == now.metric and len(use.shares) == len(now.shares)
        if not comparable or _overlap(now, use) < SAME:
            continue
        if use.version == now.version:
            break
        found.setdefault(use.version, use)
    return tuple(found.values())


def exceeds(now: PartUse, earlier: Sequence[PartUse], *, margin: float, error: float) -> bool:
    """Whether a gain is more than the champion's bad luck on these rows, as earlier candidates that failed show it.

    The candidate must beat the champion and the best r of k earlier candidates on average, for every r from 1 to k. For
    one that is no better, each has a chance of at most `error`, and of `MAJORITY` times that from r = k / 2 on. Gains
    count from `margin` on.

    Why: among the r best, some r holds all that are as good as this one or better. Beside those and the champion, an
    equal candidate is one of many alike. Its gain over their average is its own luck, which it does not share with the
    earlier ones. Worse candidates add comparisons and take none away; they can only put a comparison into the half with
    the milder error. The Ladder (Blum and Hardt, ICML 2015) compares with the best alone.
    """
    if not earlier:
        return True
    best = sorted(earlier, key=lambda use: -use.gain)
    members = np.arange(len(best)) + 2.0
    gains = np.cumsum([use.gain - margin for use in best]) / members
    shares = np.cumsum([use.shares for use in best], axis=0) / members[:, None]
    groups = max(2, int(np.count_nonzero(now.shares)))
    errors = np.sqrt(np.square(np.asarray(now.shares) - shares).sum(axis=1) * groups / (groups - 1))
    usual, strict = (student(1 - share, groups - 1) for share in (error, MAJORITY * error))
    wanted = np.where(2 * (members - 1) < len(best), usual, strict)
    return bool((now.gain - margin - gains > wanted * errors).all())


def _gain(case: Case) -> float:
    return gain_of(case.metric, case.truth, case.candidate, case.champion, case.theirs)


def _first_of(hashes: NDArray[np.int64], clusters: NDArray[np.generic] | None) -> NDArray[np.int64]:
    """The smallest hash of the rows in each row's cluster."""
    if clusters is None:
        return hashes
    _, member = np.unique(np.asarray(clusters), return_inverse=True)
    smallest = np.full(int(member.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(smallest, member, hashes)
    return smallest[member]


def _overlap(now: PartUse, before: PartUse) -> float:
    """The share of today's rows that an earlier use took, from both sketches; 1 where they cannot tell."""
    reach = min(use.keys[-1] if len(use.keys) == SKETCH else math.inf for use in (now, before))
    comparable = [key for key in now.keys if key <= reach]
    known = set(before.keys)
    return sum(key in known for key in comparable) / len(comparable) if comparable else 1.0


def _hash(key: object) -> int:
    """48 bits of a row's name, which any reader of JSON keeps."""
    return int.from_bytes(hashlib.blake2b(str(key).encode(), digest_size=6).digest(), "big")
