"""Whether and how to calibrate a model's probabilities: as configured, or as held-out examples show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import Metric, NumberArray
from omloop.package.calibrate.calibrator import Calibrator
from omloop.package.calibrate.isotonic import fit_isotonic
from omloop.package.calibrate.temperature import FLOOR, fit_temperature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Fit = Callable[[NumberArray, NumberArray], Calibrator]

LEAST_ROWS = 10
"""From this many held-out examples on, it fits one number: two a fold."""
LEAST_FOR_CURVES = 1000
"""From this many held-out examples on, it fits curves.

With fewer, one number is better (Niculescu-Mizil and Caruana, ICML 2005).
"""
FOLDS = 5
LIKELY = 3.84
"""How far twice the log likelihood must rise for a temperature other than 1.

95 % of a chi-squared distribution of one degree lie below (Wilks, Annals of Mathematical Statistics 9, 1938).
"""
SURE = 1.645
"""Standard errors by which the log loss must fall for curves, which have many numbers: 95 % of a normal distribution
lie below."""


@dataclass(frozen=True)
class Choice:
    """The calibrator, None where the probabilities stay as they are, and why in a sentence."""

    calibrator: Calibrator | None
    why: str


def choose_calibration(
    way: str,
    outputs: NumberArray,
    truth: NumberArray,
    *,
    metric: Metric,
    seed: int,
    floor: float = FLOOR,
) -> Choice:
    """The calibration by `way`, fitted on examples that the model did not learn from.

    The way is `auto`, `none`, `temperature` or `isotonic`. `auto` fits each on four fifths of the examples and judges
    it on the last, in turns. It calibrates only if the log loss is significantly lower, and `metric` is not worse.
    """
    rows = len(truth)
    if way == "none":
        return Choice(None, "The configuration asks for none.")
    if rows < LEAST_ROWS:
        return Choice(None, f"{rows} held-out examples are too few to calibrate by; it takes {LEAST_ROWS}.")
    fits: dict[str, Fit] = {
        "temperature": partial(fit_temperature, floor=floor),
        "isotonic": fit_isotonic,
    }
    if rows < LEAST_FOR_CURVES:
        del fits["isotonic"]
    if way != "auto":
        few = "" if way in fits else f" {rows} held-out examples are too few for curves; it takes {LEAST_FOR_CURVES}."
        found: Calibrator = fits[way if way in fits else "temperature"](outputs, truth)
        return Choice(found, f"The configuration asks for {way}.{few}")

    return _judged(fits, outputs, truth, metric=metric, seed=seed)


def _judged(fits: Mapping[str, Fit], outputs: NumberArray, truth: NumberArray, *, metric: Metric, seed: int) -> Choice:
    """The best of the ways, each of which must be better than those before."""
    fold = np.random.default_rng(seed).permutation(len(truth)) % FOLDS
    before = best = _losses(outputs, truth)
    chosen = Choice(None, "No way lowers the log loss of held-out examples for sure.")
    for name, fit in fits.items():
        crossed = np.empty(outputs.shape)
        for place in range(FOLDS):
            held, rest = fold == place, fold != place
            crossed[held] = fit(outputs[rest], truth[rest]).apply(outputs[held])
        after, whole = _losses(crossed, truth), fit(outputs, truth)
        if name == "temperature":
            surely = 2 * (before - _losses(whole.apply(outputs), truth)).sum() > LIKELY and after.mean() < best.mean()
        else:
            gain = best - after
            surely = gain.mean() > SURE * gain.std(ddof=1) / np.sqrt(len(gain))
        if not surely:
            continue
        # A temperature keeps the order of classes, and of the rows of two: only a threshold can decide otherwise.
        if (name != "temperature" or metric.answered) and (worse := _worse(metric, truth, outputs, crossed)):
            chosen = replace(chosen, why=worse) if chosen.calibrator is None else chosen
            continue
        told = f"log loss falls from {before.mean():.3f} to {after.mean():.3f}, cross-fitted"
        chosen, best = Choice(whole, f"On {len(truth)} held-out examples the {told}."), after
    return chosen


def _worse(metric: Metric, truth: NumberArray, before: NumberArray, after: NumberArray) -> str:
    """A sentence that says how the main metric would get worse; empty where it would not."""
    old, new = metric(truth, np.asarray(before, np.float64)), metric(truth, after)
    if not (new < old if metric.higher_is_better else new > old):
        return ""
    return f"With it {metric.name} of held-out examples would go from {old:.3f} to {new:.3f}."


def _losses(outputs: NumberArray, truth: NumberArray) -> NDArray[np.float64]:
    """The log loss of each example; no probability counts for less than float32 tells apart from 0."""
    given = np.asarray(outputs, np.float64)[np.arange(len(truth)), truth]
    return np.asarray(-np.log(np.clip(given, FLOOR, 1.0)))
