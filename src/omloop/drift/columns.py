"""The tests of one column in many windows at once, and how far it is from the reference there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells
from omloop.bundle.joint import Joint
from omloop.drift.chi_squared import chi_squared
from omloop.drift.effects import jensen_shannon, psi, wasserstein
from omloop.drift.hotelling import hotelling
from omloop.drift.kolmogorov_smirnov import kolmogorov_smirnov
from omloop.drift.pool import pooled
from omloop.drift.rates import risen
from omloop.drift.shift import shift


def column_p_values(
    cells: Cells,
    live: NDArray[Any],
    rows: float,
    dispersion: NDArray[Any] | float = 1.0,
    bets: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The p-value of a column in windows of about `rows` live rows; counts of shape (windows, cells) to (windows,).

    The smallest of its tests times their number. A number is tested for its shape (chi-squared), its cumulated cells
    (Kolmogorov-Smirnov), its location (`shift`) and its special cells (`risen`); a category for its shape and every
    cell. `dispersion` is one number, or one a window. `bets` are p-values of `by_rate` that no rise may fall below,
    shape (windows, cells of these).
    """
    reference, special = np.asarray(cells.counts), by_rate(cells)
    dispersion = np.broadcast_to(np.asarray(dispersion, np.float64), len(live))
    tests = [
        _shape(cells, live, rows, dispersion),
        _risen(reference, live, special, dispersion, bets),
    ]
    if not cells.categories:
        tests.append(kolmogorov_smirnov(reference[:-1], live[:, :-1], dispersion)[1])
    if cells.scores is not None:
        tests.append(shift(reference[:-1], live[:, :-1], cells.scores, dispersion)[1])
    return np.asarray(np.minimum(1.0, np.min(tests, axis=0) * len(tests)))


def by_rate(cells: Cells) -> NDArray[np.int64]:
    """The positions of the cells that are tested one by one for having become more frequent."""
    return np.arange(cells.size) if cells.categories else np.array([0, -2, -1])


def column_effects(cells: Cells, live: NDArray[Any]) -> dict[str, float]:
    """How far one window's counts, shape (cells,), are from the reference, by the name of the measure.

    `psi` and `jensen_shannon` of any column; of a number `d`, the largest distance of the cumulated shares,
    `wasserstein`, in the column's unit (rows below and above count at its extremes), and `shift`, in standard
    deviations; and the cell whose share grew most, as `more in NAME`, with by how much.
    """
    reference = np.asarray(cells.counts)
    found = {"psi": float(psi(reference, live)), "jensen_shannon": float(jensen_shannon(reference, live))}
    if not cells.categories:
        before, after = reference[:-1], live[:-1]
        found["d"] = float(kolmogorov_smirnov(before, after)[0])
        places = np.array([cells.edges[0], *cells.edges[1:], cells.edges[-1]])
        found["wasserstein"] = float(wasserstein(before, after, places)) if after.sum() else 0.0
    if cells.scores is not None:
        found["shift"] = float(shift(reference[:-1], live[:-1], cells.scores)[0])
    grown = live / max(1, live.sum()) - reference / max(1, reference.sum())
    return found | {f"more in {cells.names[int(grown.argmax())]}": float(grown.max())}


def joint_p_values(
    joint: Joint, live: NDArray[Any], rows: NDArray[Any] | float, dispersion: NDArray[Any] | float = 1.0
) -> NDArray[np.float64]:
    """The p-value of columns together, Hotelling's T², in windows of `rows` rows; sums of shape (windows, size)."""
    return hotelling(
        joint.deviations(live, np.broadcast_to(rows, len(live))), joint.rows, rows, dispersion, joint.kurtosis
    )[1]


def joint_effects(joint: Joint, live: NDArray[Any], rows: float) -> dict[str, float]:
    """`distance`, the squared Mahalanobis distance of one window's mean; and each column's shift, by its name.

    A shift is in normal scores: standard deviations, where the column is normal.
    """
    apart = joint.deviations(live, np.asarray(rows))
    return {"distance": float((apart**2).sum()), **joint.shifts(live, rows)}


def _shape(cells: Cells, live: NDArray[Any], rows: float, dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chi-squared on cells that hold enough; which do depends on each window's dispersion, and on nothing live.

    A number's neighbours are pooled; the words of a category in an order that knows nothing of how common they are. The
    absent values of a number are tested by themselves: they may come in runs, between which there are none.
    """
    order = cells.order if cells.categories else cells.order[:-1]
    reference, p_values = np.asarray(cells.counts)[order], np.ones(len(live))
    fewest = min(rows, max(1, reference.sum()))  # both samples must hold enough
    for spread in np.unique(dispersion):
        same = dispersion == spread
        before, after = pooled(reference, live[same][:, order], fewest / spread)
        p_values[same] = chi_squared(before, after, spread)[1]
    return p_values


def _risen(
    reference: NDArray[Any],
    live: NDArray[Any],
    special: NDArray[Any],
    dispersion: NDArray[np.float64],
    bets: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    rows = live.sum(axis=1)[:, None]
    p_values = risen(reference[special], live[:, special], reference.sum(), rows, dispersion[:, None])
    p_values = p_values if bets is None else np.maximum(p_values, bets)
    return np.asarray(p_values.min(axis=1) * len(special))
