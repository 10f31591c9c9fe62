"""Plots of a load test, as the bytes of a picture. Matplotlib (the extra `train`) without a screen."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from omloop.probe.load.climb import RateStep
from omloop.probe.load.load import Load

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, SOFT, WARM = "#1b3a4b", "#7fa3b5", "#d1603d"
FORMATS = ("png", "svg", "pdf")
_NINES = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)


def plot_load(load: Load, *, p99_s: float, title: str, form: str = "png") -> bytes:
    """Latency over the time of the test, and by percentile; the bound on p99 as a line."""
    figure, (over_time, by_percentile) = _figure(2)
    figure.suptitle(f"{title}: {load.plan.rate:g} requests a second", x=0.02, ha="left", fontsize=11, color=INK)
    parts = [part for part in load.slices if part.latencies.count]
    starts = [part.start for part in parts]
    for colour, name, share in ((SOFT, "p50", 0.5), (INK, "p99", 0.99), (WARM, "largest", 1.0)):
        values = [part.latencies.at(share) * 1000 for part in parts]
        over_time.plot(starts, values, color=colour, label=name, marker=".", linewidth=1.4)
    _say(over_time, "seconds from the beginning", p99_s)
    over_time.legend(frameon=False, fontsize=8)
    nines = [share for share in _NINES if (1 - share) * load.latencies.count >= 1] or [0.0]
    nines.append(1.0)
    values = [value * 1000 for value in load.latencies.each(nines)]
    by_percentile.plot(range(len(nines)), values, color=INK, marker=".", linewidth=1.4)
    by_percentile.set_xticks(range(len(nines)), [f"{share * 100:g} %" for share in nines])
    _say(by_percentile, "share of requests that were at least as fast", p99_s)
    return _bytes(figure, form)


def plot_climb(steps: Sequence[RateStep], *, p99_s: float, title: str, form: str = "png") -> bytes:
    """Latency by rate, with crosses at the rates that did not hold."""
    figure, (axes,) = _figure(1)
    figure.suptitle(f"{title}: latency by rate", x=0.02, ha="left", fontsize=11, color=INK)
    ordered = sorted(steps, key=lambda step: step.rate)
    rates = [step.rate for step in ordered]
    for colour, name, share in ((SOFT, "p50", 0.5), (INK, "p99", 0.99)):
        values = [step.load.latencies.at(share) * 1000 for step in ordered]
        axes.plot(rates, values, color=colour, label=name, marker=".", linewidth=1.4)
    broken = [step for step in ordered if step.broken]
    places = [step.load.latencies.at(0.99) * 1000 for step in broken]
    axes.scatter([step.rate for step in broken], places, color=WARM, marker="x", label="did not hold", zorder=3)
    _say(axes, "requests a second", p99_s)
    axes.legend(frameon=False, fontsize=8)
    return _bytes(figure, form)


def _figure(panels: int) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6 * panels, 4.0), dpi=120, layout="constrained")
    return figure, figure.subplots(1, panels, squeeze=False)[0]


def _say(axes: Axes, x: str, p99_s: float) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_xlabel(x)
    axes.set_ylabel("latency (ms)")
    axes.axhline(p99_s * 1000, color=WARM, linewidth=1.0, linestyle="--")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(color="#e6e6e6", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _bytes(figure: Any, form: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=form)
    return buffer.getvalue()
