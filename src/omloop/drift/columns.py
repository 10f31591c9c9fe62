"""The tests of one column in many windows at once, and how far it is from the reference there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells
from omloop.bundle.reference.joint import Joint
from omloop.core import NumberArray
from omloop.drift.chi_squared import chi_squared
from omloop.drift.effects import jensen_shannon, psi, wasserstein
from omloop.drift.hotelling import hotelling
from omloop.drift.kolmogorov_smirnov import kolmogorov_smirnov
from omloop.drift.pool import pool_cells
from omloop.drift.rates import risen
from omloop.drift.shift import shift

_NEARLY = 0.2  # of a halving: windows of at least 0.87 of the rows that they might have are full


def column_p_values(
    cells: Cells,
    live: NumberArray,
    rows: float,
    dispersion: NumberArray | float = 1.0,
    bets: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The p-value of a column in windows of about `rows` live rows; counts of shape (windows, cells) to (windows,).

    It is the smallest p-value of the column's tests times their number (Bonferroni). The tests of a number are of its
    shape (chi-squared), its cumulated cells (Kolmogorov-Smirnov), its location (`shift`) and its special cells
    (`risen`). The tests of a category are of its shape and of every cell. `dispersion` is one number, or one a window.
    It holds for both samples; in the reference, larger `repeats` take its place. `bets` are p-values of `by_rate`,
    shape (windows, cells of these); no rise may fall below them.
    """
    p_values, spread = np.ones(len(live)), np.broadcast_to(np.asarray(dispersion, np.float64), len(live))
    enough = rows * 2.0 ** np.floor(np.log2(np.clip(live.sum(axis=1) / max(1, rows), 1e-3, 1.0)) + _NEARLY)
    for at in np.unique(np.stack([spread, enough], axis=1), axis=0):
        same = ((spread, enough) == at[:, None]).all(axis=0)
        p_values[same] = _tests(cells, live[same], float(at[1]), float(at[0]), 0.0 if bets is None else bets[same])
    return p_values


def _tests(
    cells: Cells, live: NumberArray, rows: float, dispersion: float, bets: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """The p-value of windows of at least about `rows` rows, of one dispersion."""
    # The tests divide both samples by one dispersion; the repeats of the reference's rows concern the reference alone.
    reference = np.asarray(cells.counts) * min(1.0, dispersion / cells.repeats)
    tests = [_shape(cells, reference, live, rows, dispersion), _risen(cells, reference, live, dispersion, bets)]
    if not cells.categories:
        tests.append(kolmogorov_smirnov(reference[:-1], live[:, :-1], dispersion)[1])
    if cells.scores is not None:
        tests.append(shift(reference[:-1], live[:, :-1], cells.scores, dispersion)[1])
    return np.asarray(np.minimum(1.0, np.min(tests, axis=0) * len(tests)))


def by_rate(cells: Cells) -> NDArray[np.int64]:
    """The positions of the cells to test one by one for a higher rate."""
    return np.arange(cells.size) if cells.categories else np.array([0, -2, -1])


def column_effects(cells: Cells, live: NumberArray) -> dict[str, float]:
    """How far one window's counts, shape (cells,), are from the reference, by the name of the measure.

    Every column has `psi` and `jensen_shannon`. A number also has `d`, the largest distance of the cumulated shares,
    and `wasserstein`, in the column's unit (rows below and above count at its extremes). It also has `shift`, in
    standard deviations. `more in NAME` names the cell whose share grew most, with its growth.
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
    joint: Joint, live: NumberArray, rows: NumberArray | float, dispersion: NumberArray | float = 1.0
) -> NDArray[np.float64]:
    """The p-value of columns together, Hotelling's T², in windows of `rows` rows; sums of shape (windows, size)."""
    fewer = np.minimum(1.0, np.asarray(dispersion) / joint.repeats)
    apart = joint.deviations(live, np.broadcast_to(rows, len(live)))
    return hotelling(apart, joint.rows * fewer, rows, dispersion, joint.kurtosis)[1]


def joint_effects(joint: Joint, live: NumberArray, rows: float) -> dict[str, float]:
    """`distance`, the squared Mahalanobis distance of one window's mean; and each column's shift, by its name.

    A shift is in normal scores: standard deviations, where the column is normal.
    """
    apart = joint.deviations(live, np.asarray(rows))
    return {"distance": float((apart**2).sum()), **joint.shifts(live, rows)}


def _shape(
    cells: Cells, reference: NumberArray, live: NumberArray, rows: float, dispersion: float
) -> NDArray[np.float64]:
    """Chi-squared on cells that hold enough of both samples; only the sizes of the samples decide which do.

    It pools a number's neighbours, and a category's words in an order that ignores how common they are. It tests the
    absent values of a number by themselves: they may come in runs, with none in between.
    """
    fewest, order = min(rows, float(reference.sum())), cells.order if cells.categories else cells.order[:-1]
    before, after = pool_cells(reference[order], live[:, order], fewest / dispersion)
    return chi_squared(before, after, dispersion)[1]


def _risen(
    cells: Cells,
    reference: NumberArray,
    live: NumberArray,
    dispersion: float,
    bets: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    special, rows = by_rate(cells), live.sum(axis=1)[:, None]
    p_values = np.maximum(risen(reference[special], live[:, special], reference.sum(), rows, dispersion), bets)
    return np.asarray(p_values.min(axis=1) * len(special))
