"""How often a series of candidates on one test part promotes one that is no better: the rule alone, with normal gains.

Run: python benchmarks/loop/series.py [TIMES]
Gains are drawn group by group of rows, as the gate keeps them, in units of their standard error. `common` is the share
of their variance that all candidates of a champion have in common: a half where models are alike, none where each is
the champion with changes of its own. What a whole gate makes of rows is measured by gate.py beside this file.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from omloop.core import PartUse
from omloop.promote import Rules
from omloop.promote.bootstrap import student
from omloop.promote.series import GROUPS, exceeds

ERROR = (1 - Rules.confidence) / 2
POINT = 0.01 / np.sqrt((0.05 - 0.01**2) / 5000)
"""One point more at 5,000 rows and 5 % disagreement, in standard errors: 3.17."""

TRUTHS: dict[str, list[float]] = {
    "50 equal": [0.0] * 50,
    **{f"{worse:g} worse and equal in turns": [-worse, 0.0] * 25 for worse in (0.5, 1.0, 2.0, 9.0)},
    **{f"9 that are {worse:g} worse, 41 equal": [-worse] * 9 + [0.0] * 41 for worse in (1.0, 2.0, 9.0)},
    "25 that are 9 worse, 25 equal": [-9.0] * 25 + [0.0] * 25,
    "50 that are 0.3 worse": [-0.3] * 50,
    "from 3 worse to equal": np.linspace(-3, 0, 50).tolist(),
    "200 equal": [0.0] * 200,
}


def uses(truths: list[float], common: float, draw: np.random.Generator) -> list[PartUse]:
    """One series of gains over the same champion, with the true gains `truths`."""
    luck = draw.normal(scale=np.sqrt(common / GROUPS), size=GROUPS)
    own = draw.normal(scale=np.sqrt((1 - common) / GROUPS), size=(len(truths), GROUPS))
    return [use(truth, luck + one) for truth, one in zip(truths, own, strict=True)]


def use(truth: float, pushed: NDArray[np.float64]) -> PartUse:
    """What is kept of a candidate whose groups of rows gained `pushed` beside the truth."""
    return PartUse("", "", truth + pushed.sum(), 0, (), tuple(pushed - pushed.mean()))


def better(now: PartUse, earlier: list[PartUse]) -> bool:
    """Whether the gate would promote: a clear gain, and more than luck."""
    error = np.sqrt(np.square(now.shares).sum() * GROUPS / (GROUPS - 1))
    return now.gain > student(1 - ERROR, GROUPS - 1) * error and exceeds(now, earlier, margin=0.0, error=ERROR)


def ever(truths: list[float], common: float, seed: int) -> bool:
    """Whether a series promotes any candidate."""
    found = uses(truths, common, np.random.default_rng(seed))
    return any(better(now, found[:turn]) for turn, now in enumerate(found))


def main() -> None:
    """Print the shares, in percent, with the half width of their 95 % intervals."""
    parser = argparse.ArgumentParser()
    parser.add_argument("times", nargs="?", type=int, default=4000)
    times = parser.parse_args().times

    def told(count: int) -> str:
        share = count / times
        return f"{share:.2%} ± {1.96 * np.sqrt(share * (1 - share) / times):.2%}"

    for turn in (1, 2, 5, 10, 20, 50):
        series = (uses([0.0] * (turn - 1) + [POINT], 0.5, np.random.default_rng(seed)) for seed in range(times))
        print(f"a point better at turn {turn}: {told(sum(better(one[-1], one[:-1]) for one in series))}", flush=True)
    for name, truths in TRUTHS.items():
        for common in (0.0, 0.5, 0.8) if name == "50 equal" else (0.5,):
            count = sum(ever(truths, common, seed) for seed in range(times))
            print(f"{name}, {common:.0%} of the luck in common: {told(count)}", flush=True)


if __name__ == "__main__":
    main()
