"""The curves of CPU, memory and GPU of a run, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence

from omloop.track.plots import INK, SOFT, WARM
from omloop.track.system import Point

TITLES = {"cpu_percent": "CPU, % of one core", "memory_mb": "memory, MB", "gpu": "GPU, %", "gpu_mb": "GPU memory, MB"}


def system_plot(points: Sequence[Point]) -> bytes:
    """One panel for each measured quantity, by seconds since the run began; GPUs share their panels."""
    from matplotlib.figure import Figure

    panels: dict[str, list[str]] = {}
    for name in sorted({name for point in points for name in point if name != "time"}):
        panels.setdefault(_panel(name), []).append(name)
    figure = Figure(figsize=(6.4, 1.6 + 1.5 * len(panels)), dpi=120, layout="constrained")
    rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (panel, names) in zip(rows, panels.items(), strict=True):
        for index, name in enumerate(names):
            seen = [(point["time"], point[name]) for point in points if name in point]
            shade = (INK, WARM, SOFT)[index % 3]
            axes.plot(*zip(*seen, strict=True), color=shade, linewidth=1.4, label=name.partition("_")[0])
        axes.set_title(TITLES[panel], loc="left", fontsize=10, color=INK)
        axes.set_ylim(bottom=0)
        axes.grid(color="#e6e6e6", linewidth=0.7)
        axes.spines[["top", "right"]].set_visible(False)
        if len(names) > 1:
            axes.legend(frameon=False, fontsize=8)
    rows[-1].set_xlabel("seconds")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _panel(name: str) -> str:
    if name.startswith("gpu"):
        return "gpu" if name.endswith("_percent") else "gpu_mb"
    return name
