"""How often the gate promotes a model that is as good as the champion, and one that is a point better.

Run: python benchmarks/loop/gate.py [TURNS]
Simulated answers of two classifiers to 5,000 rows, that disagree on 5 % of them (or, with --rows N, on other numbers):
no training, the gate's own code. Prints the share promoted, with its 95 % interval (Clopper and Pearson).
"""

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from omloop.evaluate import metric
from omloop.promote import Case, Rules, judge

DISAGREE = 0.05
ACCURACY = 0.85


def answers(right: NDArray[np.bool_], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities of two classes that answer rightly where asked to."""
    label = np.where(right, truth, 1 - truth)
    return np.stack([1.0 - label, label], axis=1).astype(np.float64)


def promoted(gain: float, rows: int, turn: int) -> bool:
    """One turn: where the two disagree one is right, the candidate more often by `gain` of all rows."""
    draw = np.random.default_rng([turn, rows, round(1e6 * gain)])
    truth, place = draw.integers(0, 2, rows), draw.random(rows)
    ours = (place < DISAGREE / 2 + gain / 2) | (place > 1 - ACCURACY)
    theirs = ((place >= DISAGREE / 2 + gain / 2) & (place < DISAGREE)) | (place > 1 - ACCURACY)
    case = Case(metric("accuracy"), truth, answers(ours, truth), answers(theirs, truth), seed=turn)
    return judge(case, Rules()).promote


def main() -> None:
    """Print the share of turns in which the candidate was promoted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("turns", nargs="?", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=5000)
    given = parser.parse_args()
    for gain in (0.0, 0.01):
        count = sum(promoted(gain, given.rows, turn) for turn in range(given.turns))
        low = betaincinv(count, given.turns - count + 1, 0.025) if count else 0.0
        high = betaincinv(count + 1, given.turns - count, 0.975) if count < given.turns else 1.0
        print(f"gain {gain:.2f}: promoted in {count / given.turns:.1%} [{low:.1%}, {high:.1%}] of {given.turns} turns")


if __name__ == "__main__":
    main()
