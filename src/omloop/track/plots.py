"""Plots of a run, as PNG bytes. Matplotlib without a screen and without its global state."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, WARM = "#1b3a4b", "#7fa3b5", "#d1603d"


def loss_curve(curves: Mapping[str, Sequence[float]]) -> bytes:
    """Training and validation loss by epoch; `curves` maps a label to one value an epoch."""
    figure, axes = _figure("Loss by epoch", "epoch", "loss")
    for colour, (label, values) in zip((INK, WARM, SOFT), curves.items(), strict=False):
        axes.plot(range(1, len(values) + 1), values, color=colour, label=label, marker=".", linewidth=1.6)
    axes.legend(frameon=False)
    return _png(figure)


def predicted_against_true(truth: NDArray[Any], outputs: NDArray[Any], about: Mapping[str, Any]) -> bytes:
    """Each test row as a dot; a perfect model has them all on the line."""
    figure, axes = _figure("Predicted against true", f"true {about['name']} ({about['unit']})", "predicted")
    axes.scatter(truth, outputs, s=9, color=INK, alpha=0.45, linewidths=0)
    ends = [min(truth.min(), outputs.min()), max(truth.max(), outputs.max())]
    axes.plot(ends, ends, color=WARM, linewidth=1.2)
    return _png(figure)


def residuals(truth: NDArray[Any], outputs: NDArray[Any], about: Mapping[str, Any]) -> bytes:
    """How far the answers are off, as a histogram; it should be narrow and centred on 0."""
    figure, axes = _figure("Residuals (predicted - true)", f"{about['name']} ({about['unit']})", "rows")
    axes.hist(outputs - truth, bins=40, color=SOFT, edgecolor="white", linewidth=0.5)
    axes.axvline(0.0, color=WARM, linewidth=1.2)
    return _png(figure)


def importance(losses: Mapping[str, float], metric: str, most: int = 15) -> bytes:
    """The columns that the model leans on most, by the loss of `metric` when each is shuffled."""
    figure, axes = _figure("Feature importance (permutation)", f"loss of {metric}", "")
    names = list(losses)[:most][::-1]
    axes.barh(names, [losses[name] for name in names], color=INK)
    axes.grid(axis="y", visible=False)
    return _png(figure)


def confusion(truth: NDArray[Any], outputs: NDArray[Any], about: Mapping[str, Any]) -> bytes:
    """How often each true class (row) was answered as each class (column)."""
    classes = about["classes"]
    figure, axes = _figure("Confusion matrix", "predicted", "true")
    table = np.zeros((len(classes), len(classes)), int)
    np.add.at(table, (truth, outputs.argmax(axis=1)), 1)
    axes.imshow(table, cmap="Blues")
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.grid(visible=False)
    for (row, column), count in np.ndenumerate(table):
        shade = "white" if count > table.max() / 2 else INK
        axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=shade)
    return _png(figure)


PLOTS = {
    "confusion": confusion,
    "predicted_against_true": predicted_against_true,
    "residuals": residuals,
}
"""Plots of (truth, outputs, the output kind's description), by the names that output kinds give."""


def _figure(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e6e6e6", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
