"""What answers hang on by and large."""

from collections.abc import Sequence

import numpy as np

from omloop.core import Estimate, Explanation

RESAMPLES = 1000
"""Draws of answers for an interval."""


def mean_contributions(explained: Sequence[Explanation], *, seed: int) -> dict[str, Estimate]:
    """How much each piece adds or takes on average over answers, whatever the sign; the largest first.

    The interval is the middle 95 % of bootstrap draws of the answers: it says how much the mean depends on the choice
    of answers.
    """
    names = [one.name for one in explained[0].contributions] if explained else []
    sizes = [{one.name: abs(one.value) for one in told.contributions} for told in explained]
    draws = np.random.default_rng(seed).integers(0, max(1, len(explained)), (RESAMPLES, len(explained)))

    def mean_of(name: str) -> Estimate:
        values = np.array([size[name] for size in sizes])
        low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
        return Estimate(float(values.mean()), float(low), float(high))

    return dict(sorted(((name, mean_of(name)) for name in names), key=lambda item: -item[1].value))
