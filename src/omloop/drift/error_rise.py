"""Whether the labels show that the model got worse: a sequential alarm with a promised mean run length.

After Shin, Ramdas and Rinaldo (2022), "E-detectors: a nonparametric framework for sequential change detection". Errors
x lie between 0 and 1: 0 or 1 for classes, a share of a fixed bound for numbers. As long as each has a mean of at most
m, whatever came before it, the wealth of a bet 1 + b (x - m) does not grow on average. Let one gambler begin at each
label, and add up their wealth (Shiryaev and Roberts). This sum then grows by at most 1 a label on average, and so does
a mean of such sums over several b. It takes `mean_run` labels on average, or more, to reach `mean_run`.

If errors resemble the one before, they have a higher mean after a high one. So a label counts as one part in D of a
label, where D is their dispersion: the wealth is raised to the power 1 / D. If blocks of D labels are independent of
each other, this does not grow on average either, whatever is within them (by Hölder's inequality).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from omloop.bundle.reference.dispersion import ONE_SIDED
from omloop.core import DataError, Estimate, NumberArray
from omloop.drift.dependence import SETTLED, SURE, learned_dispersions

MEAN_RUN = 300_000
"""Labels between two false alarms, on average, at least."""

CONFIDENCE = 0.95
"""How sure it is that the error before any change is not above what `highest_mean` gives."""

SIGMAS = 1.96
"""Standard errors of a 95 % interval."""

ODDS = (1.5, 2.0, 3.0, 6.0)
"""By how much the odds of an error may have grown: each is one bet, the best one for that growth."""

MILD = 2
"""For dependent labels it bets only on this many of the first `ODDS`: a burst of errors feeds the others too well."""

LASTING = 40
"""Labels of independent ones, or as much of others, that a rise must have lasted for."""

_NOT_RINGING = 0.99
"""The most evidence to report without an alarm: bets may win while the error is not above the tested one."""

_HALVINGS = 40
"""Halvings of an interval from 0 to 1: to 1e-12, far finer than the limit needs."""

_BET_SIZES = 10
"""Bets of 1, 1/2, ... 1/512: one of them is near the best, however errors spread; each takes a part of the capital."""

OUTDATED = 6
"""After this many new estimates of the dispersion, the latest counts for older bets too, if it is higher."""


@dataclass(frozen=True)
class Rise:
    """Whether the error rose within some labels: the label that made it sure, and the first label of the rise, or None.

    Labels count from 0. `evidence` is that of the last label, as a share of what rings. `suspected` is the first label
    of a rise that would ring if labels were independent, but is not yet sure. `dispersion` says how many labels count
    as one independent label. `live` is the mean error from `since` on, or else from `suspected` on. `tested` is that of
    such answers in the test. `problem` says why it does not count labels, or not in their order.
    """

    labels: int
    rang: int | None
    since: int | None
    evidence: float
    suspected: int | None = None
    dispersion: float = 1.0
    live: Estimate | None = None
    tested: float | None = None
    problem: str = ""

    @property
    def rings(self) -> bool:
        """Whether the error rose beyond doubt."""
        return self.rang is not None

    @property
    def doubtful(self) -> bool:
        """Whether the error is higher of late, and not yet beyond doubt."""
        return self.rang is None and self.suspected is not None


def find_rise(
    errors: NumberArray | NDArray[np.bool_],
    highest: float | NumberArray,
    *,
    tested: float | NumberArray,
    mean_run: float = MEAN_RUN,
    known: float | None = None,
) -> Rise:
    """Find the label where the mean error rose above `highest`; errors from 0 to 1, the oldest first.

    Give all labels since the version began to serve, each time: it remembers nothing. `tested` is the error in the test
    part and `highest` its `highest_mean`; both may differ from label to label, of shape (n,). `known` is the dispersion
    of the test part's errors in the order of time, or None. Without a change it takes `mean_run` labels on average, or
    more, to ring. This holds if the labels' dispersion is at most `known` and at most the learned one. It stops ringing
    when the error since the change is no longer above the tested one. Raises DataError for errors beyond 0 and 1.

    >>> chance = np.random.default_rng(0)
    >>> find_rise(chance.random(2000) < 0.1, highest=0.12, tested=0.1).rings
    False
    >>> found = find_rise(chance.random(1500) < np.repeat([0.1, 0.3], [1200, 300]), highest=0.12, tested=0.1)
    >>> found.rings, abs(found.since - 1200) < 50
    (True, True)
    """
    errors = np.asarray(errors, np.float64)
    if len(errors) and not 0 <= errors.min() <= errors.max() <= 1:  # false for NaN too
        raise DataError(f"Errors must lie from 0 to 1, but these reach from {errors.min():g} to {errors.max():g}.")
    if not len(errors) or np.min(highest) >= 1:
        return Rise(len(errors), None, None, 0.0)
    highest = np.minimum(np.broadcast_to(np.asarray(highest, np.float64), errors.shape), 1 - 1e-6)
    tested = np.broadcast_to(np.asarray(tested, np.float64), errors.shape)
    doubt = float(np.mean((highest - tested) / ONE_SIDED)) ** 2
    bets = _Bets(np.cumsum(np.log1p(_bets(highest) * (errors - highest)), axis=1), np.log(mean_run / CONFIDENCE))
    checks, dispersions = learned_dispersions(errors - tested, doubt, known)
    found = bets.rise(checks, dispersions, errors, tested)
    if found.rings:
        return found
    told = replace(found, evidence=min(found.evidence, _NOT_RINGING))
    fast = bets.rise([0], [1.0], errors, tested)
    return replace(told, suspected=fast.since, live=fast.live, tested=fast.tested) if fast.rings else told


def highest_mean(errors: NumberArray | NDArray[np.bool_], confidence: float = CONFIDENCE) -> float:
    """The highest mean that fits independent errors from 0 to 1: an upper confidence limit.

    For errors that are all 0 or 1 it is Clopper and Pearson's (1934). For others it comes from a bet on errors below m.
    The limit is the largest m where the bet's capital has not grown to 1 / (1 - confidence). Source: Waudby-Smith and
    Ramdas 2024, "Estimating means of bounded random variables by betting". Both hold for any number of errors.

    >>> round(highest_mean(np.repeat([0, 1], [90, 10])), 3), highest_mean(np.array([]))
    (0.164, 1.0)
    """
    errors = np.asarray(errors, np.float64)
    wrong, rows = int(errors.sum()), len(errors)
    if wrong == rows:
        return 1.0
    if np.isin(errors, (0, 1)).all():
        return float(betaincinv(wrong + 1, rows - wrong, confidence))
    low, high = float(errors.mean()), 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _capital(errors, middle) < -np.log(1 - confidence) else (low, middle)
    return high


@dataclass(frozen=True)
class _Bets:
    """The logarithm of the wealth of each bet since the first label, of shape (bets, n), and of what rings."""

    wealth: NDArray[np.float64]
    rings: float

    @property
    def before(self) -> NDArray[np.float64]:
        """The wealth just before each label."""
        return np.pad(self.wealth[:, :-1], ((0, 0), (1, 0)))

    def rise(
        self, checks: list[int], spreads: list[float], errors: NDArray[np.float64], tested: NDArray[np.float64]
    ) -> Rise:
        """The first ring after which the error has been above the tested one until now, from the change on."""
        evidence = self.evidence(checks, spreads)
        rang = evidence >= 0
        found = Rise(len(errors), None, None, float(np.exp(min(evidence[-1], 0.0))), dispersion=spreads[-1])
        for label in np.flatnonzero(rang & ~np.pad(rang[:-1], (1, 0))).tolist():
            since, spread = self.likeliest(checks, spreads, label)
            live, before = _mean(errors[since:], spread), float(tested[since:].mean())
            if live.low > before:
                return replace(found, rang=label, since=since, dispersion=spread, live=live, tested=before)
        return found

    def evidence(self, checks: list[int], dispersions: list[float]) -> NDArray[np.float64]:
        """The logarithm of the sum over all beginnings, less that of what rings, at each label.

        A gambler who begins from `checks[k]` on uses `dispersions[k]`, learned from the labels before.
        """
        rows, before = self.wealth.shape[1], self.before
        ends, total = [*checks[1:], rows], np.full(rows, -np.inf)
        for begun, (first, end) in enumerate(zip(checks, ends, strict=True)):
            for now in range(begun, len(checks)):
                spread = _in_use(checks, dispersions, begun, now)
                bets = slice(MILD if spread > 1 else None)
                labels = np.arange(checks[now], ends[now])
                latest = np.minimum(labels - int(LASTING * spread), end - 1) - first
                labels, latest = labels[latest >= 0], latest[latest >= 0]
                if len(labels):
                    sums = np.logaddexp.accumulate(-before[bets, first : first + latest[-1] + 1] / spread, axis=1)
                    grown = np.logaddexp.reduce(self.wealth[bets, labels] / spread + sums[:, latest], axis=0)
                    total[labels] = np.logaddexp(total[labels], grown - np.log(len(sums)))
        return np.asarray(total - self.rings)

    def likeliest(self, checks: list[int], dispersions: list[float], label: int) -> tuple[int, float]:
        """The beginning of the richest gambler at a label, and the dispersion that it used."""
        before, found = self.before, []
        now = int(np.searchsorted(checks, label, side="right")) - 1
        for begun, (first, end) in enumerate(zip(checks, [*checks[1:], label + 1], strict=True)):
            spread = _in_use(checks, dispersions, begun, now)
            until = min(end, label + 1 - int(LASTING * spread))
            if first < until:
                bets = slice(MILD if spread > 1 else None)
                owned = ((self.wealth[bets, label, None] - before[bets, first:until]) / spread).max(axis=0)
                found.append((float(owned.max()), first + int(owned.argmax()), spread))
        _, since, spread = max(found)
        return since, spread


def _in_use(checks: list[int], dispersions: list[float], begun: int, now: int) -> float:
    """The dispersion of who began to bet at one check, at a later one."""
    if now < begun + OUTDATED or checks[now] < (SETTLED if begun else SURE):
        return dispersions[begun]
    return max(dispersions[begun], dispersions[now])


def _bets(highest: NumberArray) -> NDArray[np.float64]:
    """The bet that is best for each growth of the odds (Kelly): then 1 + b (x - m) is the ratio of the likelihoods."""
    odds = np.array(ODDS)[:, None] * highest / (1 - highest)
    return np.asarray((odds / (1 + odds) - highest) / (highest * (1 - highest)))


def _mean(errors: NDArray[np.float64], dispersion: float) -> Estimate:
    """The mean with its 95 % interval, by the normal limit, where each label counts as one part in `dispersion`."""
    mean, half = float(errors.mean()), SIGMAS * float(errors.std()) * (dispersion / len(errors)) ** 0.5
    return Estimate(mean, max(0.0, mean - half), mean + half)


def _capital(errors: NDArray[np.float64], mean: float) -> float:
    """The logarithm of what became of 1, put in equal parts on bets of several sizes that errors lie below `mean`."""
    bets = 0.5 ** np.arange(_BET_SIZES)
    return float(np.logaddexp.reduce(np.log1p(bets[:, None] * (mean - errors)).sum(axis=1)) - np.log(len(bets)))
