"""The values of a sweep: the rules of its search, and each trial's settings and result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

METHODS = ("tpe", "random", "grid")
"""How the next trial is chosen: by what the earlier ones came to (Bergstra et al., "Algorithms for hyper-parameter
optimization", NeurIPS 2011), by chance, or one after the other."""
PRUNERS = ("median", "hyperband", "none")
"""What ends a trial early: a step at which it is worse than half of the earlier ones, or successive halving in brackets
(Li et al., "Hyperband", JMLR 18, 2018)."""
RETRIES = 2
"""How often a trial is tried again whose process was killed: its settings may be what killed it."""

TrialState = Literal["waiting", "running", "done", "pruned", "failed", "killed"]


@dataclass(frozen=True)
class SearchRules:
    """How a sweep searches: one of METHODS, one of PRUNERS, a seed, and whether more of the metric is better."""

    method: str = "tpe"
    prune: str = "median"
    seed: int = 0
    higher_is_better: bool = True


@dataclass(frozen=True)
class SweepTrial:
    """A trial: its number from 0 on, the words that configured it by key, and its result.

    `value` is its score on the validation part; None while there is none. `seconds` is how long it took, `run` the run
    that keeps it, `reason` why it failed. A `killed` trial has another attempt as a new trial.
    """

    number: int
    words: Mapping[str, str]
    state: TrialState
    value: float | None = None
    seconds: float | None = None
    run: str = ""
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether it came to an end that counts."""
        return self.state in ("done", "pruned", "failed")


def ranked(trials: Iterable[SweepTrial], *, higher_is_better: bool) -> list[SweepTrial]:
    """The trials that went to their end, the best first, the earlier of equals before the later."""
    sign = -1.0 if higher_is_better else 1.0
    done = [(sign * one.value, one.number, one) for one in trials if one.state == "done" and one.value is not None]
    return [one for _, _, one in sorted(done, key=lambda found: found[:2])]


def best_of(trials: Iterable[SweepTrial], *, higher_is_better: bool) -> SweepTrial | None:
    """The best of the trials that went to their end; None where there is none."""
    return next(iter(ranked(trials, higher_is_better=higher_is_better)), None)
