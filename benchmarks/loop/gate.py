"""How often the gate promotes a model that is no better, in one turn and in fifty, and how often one that is better.

Run: python benchmarks/loop/gate.py [TIMES] [--only WORDS] [--rows N] [--resamples N]
Simulated answers, no training, the gate's own code. Two classifiers disagree on 5 % of the rows and are right on 85 %;
a better one is right on one row more in a hundred. In a series all candidates answer the same test rows and meet the
same champion, until one is promoted. Prints each share with its 95 % interval (Clopper and Pearson).
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from omloop.core import PartUse
from omloop.evaluate import metric
from omloop.kinds import Classes, Number
from omloop.promote import Case, Rules, judge, use_of

ACCURACY = metric("accuracy", Classes("class", ("one", "other")))

CONTESTED = 0.1
"""Share of rows on which either answer is as likely of every model: any two then disagree on half as many."""

SURE = 0.8
"""Share of rows that every model answers rightly."""

Gains = tuple[float, ...]
EQUAL: Gains = (0.0,) * 50
SERIES: dict[str, Gains] = {
    "50 equal candidates": EQUAL,
    "9 worse by 2 points, then 41 equal": (-0.02,) * 9 + EQUAL[9:],
    "worse by 2 points and equal in turns": (-0.02, 0.0) * 25,
    "worse by 0.3 points and equal in turns": (-0.003, 0.0) * 25,
    "50 worse by 0.1 points": (-0.001,) * 50,
    "from 1 point worse to equal": tuple(np.linspace(-0.01, 0.0, 50)),
}


def answers(right: NDArray[np.bool_], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities of two classes that answer rightly where asked to."""
    label = np.where(right, truth, 1 - truth)
    return np.stack([1.0 - label, label], axis=1).astype(np.float64)


def candidates(gains: Gains, rows: int, seed: int, *, alike: float = 0.0) -> Iterator[Case]:
    """The cases of one series; candidates share `alike` of their luck with one another, as if of the same data."""
    draw = np.random.default_rng([seed, rows, len(gains)])
    truth, place = draw.integers(0, 2, rows), draw.random(rows)
    contested, common = place < CONTESTED, draw.random(rows)
    champion = answers((place > 1 - SURE) | (contested & (draw.random(rows) < 0.5)), truth)
    keys = np.array([f"{seed} {row}" for row in range(rows)])
    for number, gain in enumerate(gains):
        luck = np.where(draw.random(rows) < alike, common, draw.random(rows))
        ours = (place > 1 - SURE) | (contested & (luck < 0.5 + gain / CONTESTED))
        case = Case(ACCURACY, truth, answers(ours, truth), champion, seed=seed)
        yield replace(case, keys=keys, version=str(number))


def promoted_at(gains: Gains, rules: Rules, rows: int, seed: int, *, alike: float = 0.0) -> int | None:
    """The number of the candidate that is promoted, from 1; None where none is."""
    uses: tuple[PartUse, ...] = ()
    for number, case in enumerate(candidates(gains, rows, seed, alike=alike), start=1):
        decision = judge(replace(case, earlier=uses), rules)
        if decision.promote:
            return number
        assert decision.use is not None
        uses = (*uses, decision.use)
    return None


def ever(gains: Gains, rules: Rules, rows: int, seed: int, *, alike: float = 0.0) -> bool:
    """Whether any candidate of a series is promoted."""
    return promoted_at(gains, rules, rows, seed, alike=alike) is not None


def last(gains: Gains, rules: Rules, rows: int, seed: int) -> bool:
    """Whether the last candidate is promoted when none of those before was."""
    *before, case = candidates(gains, rows, seed)
    found = [use_of(one) for one in before]
    return judge(replace(case, earlier=tuple(use for use in found if use)), rules).promote


def repeated(times: int, rules: Rules, rows: int, seed: int) -> bool:
    """One turn of an equal candidate on rows that each come `times` times."""
    case = next(candidates((0.0,), rows // times, seed))
    again = case.only(np.repeat(np.arange(rows // times), times))
    return judge(replace(again, clusters=again.keys), rules).promote


def heavy(errors: Callable[[np.random.Generator, int], Any], name: str, rules: Rules, rows: int, seed: int) -> bool:
    """One turn of two regressors of equal worth whose errors have heavy tails, some of them in common."""
    draw = np.random.default_rng([seed, rows])
    signal, noise = draw.normal(size=rows), errors(draw, rows)
    ours, theirs = (signal + 0.5 * errors(draw, rows) for _ in range(2))
    return judge(Case(metric(name, Number("value")), signal + noise, ours, theirs, seed=seed), rules).promote


def centred(draw: np.random.Generator, rows: int) -> NDArray[np.float64]:
    """Errors of a log-normal distribution, as large on either side on average."""
    return draw.lognormal(sigma=1.5, size=rows) - np.exp(1.5**2 / 2)


def share(count: int, times: int) -> str:
    """A share with its interval."""
    low = betaincinv(count, times - count + 1, 0.025) if count else 0.0
    high = betaincinv(count + 1, times - count, 0.975) if count < times else 1.0
    return f"{count / times:.1%} [{low:.1%}, {high:.1%}] of {times}"


def cells(rules: Rules, rows: int) -> dict[str, Callable[[int], bool]]:
    """What is measured, by its name: a function of a seed."""
    found: dict[str, Callable[[int], bool]] = {
        "one turn, equal": partial(last, (0.0,), rules, rows),
        "one turn, a point better": partial(last, (0.01,), rules, rows),
        "second turn, a point better": partial(last, (0.0, 0.01), rules, rows),
        "tenth turn, a point better": partial(last, (*EQUAL[:9], 0.01), rules, rows),
        "one turn, equal, rows five times": partial(repeated, 5, rules, rows),
    }
    tails = {"t of 2.5": lambda d, n: d.standard_t(2.5, n), "t of 3": lambda d, n: d.standard_t(3, n)}
    for tail, errors in {**tails, "log-normal": centred}.items():
        for name in ("rmse", "r2"):
            found[f"one turn, equal, {name}, {tail}, 500 rows"] = partial(heavy, errors, name, rules, 500)
    for name, gains in SERIES.items():
        found[f"series, {name}"] = partial(ever, gains, rules, rows)
    found["series, 50 equal candidates of the same data"] = partial(ever, EQUAL, rules, rows, alike=0.5)
    return found


def main() -> None:
    """Print the share of turns, and of series, in which a candidate was promoted; and when an improving one is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("times", nargs="?", type=int, default=1000)
    parser.add_argument("--only", default="", help="the cells whose name has these words")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--resamples", type=int, default=Rules.resamples)
    given = parser.parse_args()
    rules = Rules(resamples=given.resamples)
    for name, once in cells(rules, given.rows).items():
        if given.only in name:
            print(f"{name}: {share(sum(map(once, range(given.times))), given.times)}", flush=True)
    if given.only in "improving by 0.2 points a turn":
        rising = tuple(0.002 * turn for turn in range(1, 51))
        turns = [promoted_at(rising, rules, given.rows, seed) or 99 for seed in range(given.times)]
        print(f"improving by 0.2 points a turn: promoted at turn {np.quantile(turns, [0.1, 0.5, 0.9])} (tenth, half)")


if __name__ == "__main__":
    main()
