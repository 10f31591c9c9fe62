"""Shapley values by LightSHAP, of any function: https://github.com/mayer79/LightSHAP.

LightSHAP gets numbers of stand-ins in place of values, one a piece. So it swaps a piece whole, whatever it holds: a
category, an absent value, a date with all its derived values.
"""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omloop.core import Pieces, explain_missing
from omloop.explain.plan import Plan

with explain_missing("Explaining an answer"):
    from lightshap import explain_any

GOOD_ENOUGH = 0.01
"""Standard errors, as a share of the range of an answer's values, below which no more orders are drawn."""


class ShapleyValues(NamedTuple):
    """Values and their standard errors, of shape (pieces,), and the mean answer to the stand-ins."""

    base: float
    values: NDArray[np.float64]
    errors: NDArray[np.float64]


def shapley_values(
    ask: Callable[[NDArray[np.int32]], NDArray[np.float64]], pieces: Pieces, plan: Plan, *, seed: int
) -> ShapleyValues:
    """The values of an example's pieces: `ask` answers rows of shape (n, pieces) as `Pieces.compose` takes them.

    Exact values take each coalition once. Else it draws orders of the pieces, and walks each there and back (Mitchell
    et al., Sampling Permutations for Shapley Value Estimation, 2022). Pieces that act alone or in pairs then have no
    error at all. Every order adds up to the answer, so the values do, too.
    """
    count = len(pieces.names)
    others = np.linspace(1, pieces.background, plan.background).astype(np.int32)
    whole, background = np.zeros((1, count), np.int32), np.repeat(others[:, None], count, axis=1)
    if count == 1:  # LightSHAP takes two at least
        base = float(ask(background).mean())
        return ShapleyValues(base, ask(whole) - base, np.zeros(1))
    # Where orders are as many as are allowed, their standard errors say what that is worth.
    warnings.filterwarnings("ignore", ".*rows did not converge", UserWarning, r"omloop\.explain\.lightshap")
    found = explain_any(
        ask,
        whole,
        bg_X=background,
        method="permutation",
        how="exact" if plan.exact else "sampling",
        max_iter=plan.most_orders,
        tol=GOOD_ENOUGH,
        random_state=seed,
        verbose=False,
    )
    values, errors = found.shap_values.reshape(count), found.standard_errors.reshape(count)
    return ShapleyValues(float(found.baseline[0]), values, errors)
