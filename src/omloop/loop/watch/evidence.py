"""Which labels are evidence of the error, and the baseline to compare them with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.drift import CountedLabels, Rise, choose_labels, errors_of, find_rise, label_shares, stratum_of
from omloop.loop.turn.packaging import classes_of
from omloop.loop.version.copies import first_copies
from omloop.loop.watch.live import LivePredictions

if TYPE_CHECKING:
    from omloop.bundle import Baseline, Bundle
    from omloop.core import Estimate, Window

ANSWERED = 20_000
"""How many of the newest predictions show whether labels come for answers at random."""


def rise_among(live: LivePredictions, answered: LivePredictions | None) -> Rise | None:
    """Whether the error rose, from the labels in `live`, in their order; None for a bundle without a baseline.

    `answered` are the newest predictions with and without labels; without them, it assumes that labels come evenly. In
    the result, labels are positions in `live.predictions`, and errors are in the error's unit.
    """
    baseline = live.bundle.baseline
    if baseline is None:
        return None
    chosen = CountedLabels(np.arange(len(live.labelled)), 0)
    problem, strata = "", np.zeros(0, np.int64)
    if answered is not None and answered.predictions and baseline.strata:
        places = _places(baseline, answered)
        found = choose_labels(places, _came(answered))
        if found.age != 0:
            problem = _told(baseline, answered, places, found)
            chosen, strata = _of(live, answered, found, places)
    once = first_copies(live.bundle, [live.predictions[row] for row in live.labelled[chosen.rows].tolist()])
    rows = chosen.rows[once]
    errors, tested = baseline.bound_errors(live.errors)[rows], baseline.tested.value
    if chosen.by_stratum:
        highest, of_strata = errors_of(baseline.strata, strata[once])
        rise = find_rise(errors, highest, tested=of_strata, known=baseline.dispersion)
    else:
        held = min(tested / baseline.scale, baseline.highest)
        rise = find_rise(errors, baseline.highest, tested=held, known=baseline.dispersion)
    return _in_its_unit(rise, live.labelled[rows], baseline, problem)


def _places(baseline: Baseline, live: LivePredictions) -> NDArray[np.int64]:
    classes, names = classes_of(live.output, live.outputs)
    return stratum_of(baseline.strata, classes, live.output.hints(live.outputs), names)


def _came(answered: LivePredictions) -> NDArray[np.float64]:
    """How many predictions the log had when the label of each came; NaN without a label."""
    times = np.array([prediction.time for prediction in answered.predictions])
    came = answered.window.label_times
    labelled = np.array([came.get(prediction.id, np.nan) for prediction in answered.predictions], np.float64)
    return np.where(np.isnan(labelled), np.nan, np.searchsorted(times, labelled, side="right").astype(np.float64))


def _of(
    live: LivePredictions, answered: LivePredictions, found: CountedLabels, places: NDArray[np.int64]
) -> tuple[CountedLabels, NDArray[np.int64]]:
    """The chosen answered predictions, as positions among the labelled ones, with their strata."""
    where = {live.predictions[row].id: place for place, row in enumerate(live.labelled.tolist())}
    known = [row for row in found.rows.tolist() if answered.predictions[row].id in where]
    rows = np.array([where[answered.predictions[row].id] for row in known], np.int64)
    return replace(found, rows=rows), places[np.array(known, np.int64)]


def _told(baseline: Baseline, answered: LivePredictions, places: NDArray[np.int64], found: CountedLabels) -> str:
    """How unevenly labels come, and how omloop handles it, in words."""
    labelled = np.isin(np.arange(len(places)), answered.labelled)
    shares = label_shares(labelled, places, len(baseline.strata))
    most, least = (baseline.strata[int(pick(shares))].told for pick in (np.nanargmax, np.nanargmin))
    told = f"labels came for {np.nanmax(shares):.0%} of {most} and for {np.nanmin(shares):.0%} of {least}"
    if found.by_stratum:
        few = "; what has few labels is not judged"
        return f"{told}: each is held against the error of such answers in the test{few}"
    if found.age is None:
        return f"{told}: none counts until it is known whether the others follow"
    return f"{told}: those of the newest {found.age:,} predictions do not count yet"


def _in_its_unit(rise: Rise, rows: NDArray[np.int64], baseline: Baseline, problem: str) -> Rise:
    """The same by positions of predictions and in the unit of the error; no rise that the plain numbers do not show."""

    def at(label: int | None) -> int | None:
        return None if label is None else int(rows[label])

    if rise.live is None or rise.tested is None:
        return replace(rise, problem=problem)
    live, scale = rise.live, baseline.scale
    tested = rise.tested * scale if problem else baseline.tested.value
    if live.low * scale <= tested:
        return replace(rise, rang=None, since=None, suspected=None, live=None, tested=None, problem=problem)
    shown: Estimate = replace(live, value=live.value * scale, low=live.low * scale, high=live.high * scale)
    return replace(
        rise,
        rang=at(rise.rang),
        since=at(rise.since),
        suspected=at(rise.suspected),
        live=shown,
        tested=tested,
        problem=problem,
    )


def rise_of(bundle: Bundle, window: Window, answered: Window | None = None) -> Rise | None:
    """Whether the error rose, from all labels since the version began to serve; None for a bundle without a baseline.

    `answered` are its newest predictions, with and without labels: they show whether labels come for answers at random.
    Without them, it assumes so.
    """
    return rise_among(LivePredictions(bundle, window), None if answered is None else LivePredictions(bundle, answered))
