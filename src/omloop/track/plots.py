"""Plots of a run, as PNG bytes. Matplotlib without a screen and without its global state."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import Estimate, NumberArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, WARM = "#1b3a4b", "#7fa3b5", "#d1603d"
MOST_IN_LEGEND = 20


def loss_curve(curves: Mapping[str, Sequence[float]]) -> bytes:
    """Training and validation loss by epoch; `curves` maps a label to one value an epoch."""
    figure, axes = _figure("Loss by epoch", "epoch", "loss")
    for colour, (label, values) in zip((INK, WARM, SOFT), curves.items(), strict=False):
        axes.plot(range(1, len(values) + 1), values, color=colour, label=label, marker=".", linewidth=1.6)
    axes.legend(frameon=False)
    return _png(figure)


def importance(losses: Mapping[str, Estimate], metric: str, most: int = 15) -> bytes:
    """The columns that the model leans on most, by the loss of `metric` after shuffling each, with intervals."""
    figure, axes = _figure("Feature importance (permutation)", f"loss of {metric}, with 95 % interval", "")
    names = list(losses)[:most][::-1]
    axes.barh(names, [losses[name].value for name in names], color=SOFT)
    for row, found in enumerate(losses[name] for name in names):
        axes.plot([found.low, found.high], [row, row], color=INK, linewidth=1.4)
    axes.grid(axis="y", visible=False)
    return _png(figure)


def embedding_map(coordinates: NumberArray, groups: Sequence[str], by: str = "two principal coordinates") -> bytes:
    """Examples by the first two coordinates of what the model sees; shape (n, 2 or more), and their classes.

    The model tells classes that lie apart with ease, and confuses those that overlap. `by` names the two coordinates.
    """
    figure, axes = _figure(f"What the model sees: {by}", "first", "second")
    names, of = np.unique(np.asarray(groups), return_inverse=True)
    shades = _shades(len(names))
    for index, name in enumerate(names):
        x, y = coordinates[of == index, :2].T
        axes.scatter(x, y, s=9, color=shades[index], alpha=0.6, linewidths=0, label=_label(str(name)))
    if len(names) <= MOST_IN_LEGEND:
        axes.legend(frameon=False, fontsize=8, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
    return _png(figure)


def stress_curves(curves: Mapping[str, Sequence[tuple[float, float, float, float]]], metric: str) -> bytes:
    """A score by the strength of each corruption; `curves` maps a corruption to (strength, score, low, high)."""
    figure, axes = _figure("Under corrupted inputs, with 95 % intervals", "strength of the corruption", metric)
    for index, (shade, (label, points)) in enumerate(zip(_shades(len(curves)), curves.items(), strict=True)):
        if points:
            strength, score, low, high = np.array(points).T
            aside = strength + 0.006 * (index - (len(curves) - 1) / 2)  # intervals beside each other, not over
            bars = np.maximum([score - low, high - score], 0)
            axes.errorbar(
                aside, score, yerr=bars, color=shade, label=_label(label), marker=".", linewidth=1.4, capsize=2
            )
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return _png(figure)


def menu_plot(points: Mapping[str, tuple[float, Estimate]], metric: str) -> bytes:
    """Each form of a model by the milliseconds that a row takes and its score with its interval."""
    figure, axes = _figure("Forms of the model", "milliseconds of one row, median, one thread", metric)
    for name, (milliseconds, score) in points.items():
        apart = [[score.value - score.low], [score.high - score.value]]
        axes.errorbar([milliseconds], [score.value], yerr=apart, fmt="o", color=INK, ecolor=SOFT, capsize=3)
        axes.annotate(name, (milliseconds, score.value), (5, 4), textcoords="offset points", fontsize=8, color=WARM)
    axes.set_xlim(left=0)
    return _png(figure)


def backtest_curves(curves: Mapping[str, Sequence[tuple[float, float]]], metric: str) -> bytes:
    """A live metric over time, a line for each policy; `curves` maps it to (seconds since 1970, score or NaN)."""
    figure, axes = _figure("What each policy would have had", "days", f"live {metric}")
    begin = min((points[0][0] for points in curves.values() if points), default=0.0)
    for shade, (label, points) in zip(_shades(len(curves)), curves.items(), strict=True):
        days = [(time - begin) / 86_400.0 for time, _ in points]
        axes.plot(days, [score for _, score in points], color=shade, label=_label(label), marker=".", linewidth=1.4)
    axes.legend(frameon=False, fontsize=8)
    return _png(figure)


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


def _shades(count: int) -> list[object]:
    import matplotlib

    if count <= 10:
        return [matplotlib.colormaps["tab10"](index) for index in range(count)]
    return [matplotlib.colormaps["turbo"](place) for place in np.linspace(0, 1, count)]


def _png(figure: Figure) -> bytes:
    """The figure as a PNG. It shows names of users as they stand: `$` begins no formula, and a glyph may be missing."""
    from matplotlib import rc_context
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    buffer = io.BytesIO()
    with rc_context({"text.parse_math": False}), warnings.catch_warnings():  # texts of ticks are made while drawing
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _label(name: str) -> str:
    """A name for a legend, which leaves out those that begin with `_`."""
    return f" {name}" if name.startswith("_") else name
