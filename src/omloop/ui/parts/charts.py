"""Charts of ECharts, drawn in the browser with the page's own colours, and what they say to a screen reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

PALETTE = ("#3b7dd8", "#d9652b", "#2f9e6b", "#a05bc7", "#c79a1e", "#d0487f", "#4aa3b5", "#7f8792")
"""Told apart by people who see few colours, and on a light and a dark ground (after Okabe and Ito 2008)."""
Points = Sequence[tuple[float, float | None]]


def line_chart(
    series: Mapping[str, Points],
    *,
    about: str,
    unit: str = "",
    times: bool = True,
    marks: Sequence[Mapping[str, Any]] = (),
) -> ui.echart:
    """Lines over time, or over steps; `about` is what the chart shows, in words. Times are seconds since 1970.

    `marks` are moments with a `time`, a `name` and a colour, drawn as upright lines.
    """
    chart = ui.echart(line_options(series, unit=unit, times=times, marks=marks), renderer="svg").classes("om-chart")
    chart.props(f'role="img" aria-label="{_plain(about)}"')
    return chart


def line_options(
    series: Mapping[str, Points], *, unit: str = "", times: bool = True, marks: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The options of a chart of lines."""
    scale = 1000 if times else 1
    lines: list[dict[str, Any]] = [
        {
            "name": name,
            "type": "line",
            "showSymbol": len(points) == 1,
            "data": [[at * scale, value] for at, value in points],
            "lineStyle": {"width": 2},
        }
        for name, points in series.items()
    ]
    x_axis = {"type": "time" if times else "value", **_axis()}
    if marks and lines:
        lines[0]["markLine"] = _mark_lines(marks, scale)
        x_axis["max"] = scale * max(
            *(one["time"] for one in marks), *(at for points in series.values() for at, _ in points)
        )
    return {
        "animation": False,
        "color": list(PALETTE),
        "grid": {"left": 8, "right": 16, "top": 52 if len(series) > 1 else 28, "bottom": 8, "containLabel": True},
        "legend": {"show": len(series) > 1, "type": "scroll", "top": 0, "textStyle": {":color": _colour("--dim")}},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": x_axis,
        "yAxis": {"type": "value", "scale": True, "name": unit, **_axis()},
        "series": lines,
    }


def stacked_options(series: Mapping[str, Points], *, unit: str = "") -> dict[str, Any]:
    """The options of a chart in which parts of a whole lie upon each other."""
    options = line_options(series, unit=unit)
    for line in options["series"]:
        line |= {"stack": "all", "areaStyle": {"opacity": 0.35}, "lineStyle": {"width": 1}}
    options["yAxis"]["scale"] = False
    return options


def show_series(chart: ui.echart, options: Mapping[str, Any]) -> None:
    """Let a chart show something else, and send nothing if it shows that already."""
    if dict(chart.options) == dict(options):
        return
    chart.options.clear()
    chart.options.update(options)
    chart.update()


def _mark_lines(marks: Sequence[Mapping[str, Any]], scale: int) -> dict[str, Any]:
    return {
        "symbol": "none",
        "silent": False,
        "label": {
            "formatter": "{b}",
            "rotate": 90,
            "position": "insideEndTop",
            "fontSize": 10,
            ":color": _colour("--dim"),
        },
        "data": [
            {
                "name": one["name"],
                "xAxis": one["time"] * scale,
                "lineStyle": {"color": one.get("colour", "#888"), "type": "dashed"},
            }
            for one in marks
        ],
    }


def _axis() -> dict[str, Any]:
    return {
        "axisLabel": {":color": _colour("--dim"), "hideOverlap": True},
        "axisLine": {"lineStyle": {":color": _colour("--line")}},
        "splitLine": {"lineStyle": {":color": _colour("--line")}},
        "nameTextStyle": {":color": _colour("--dim")},
    }


def _colour(name: str) -> str:
    """JavaScript that gives a colour of the page, which differs in the dark."""
    return f'getComputedStyle(document.body).getPropertyValue("{name}").trim()'


def _plain(words: str) -> str:
    return words.replace('"', "'").replace("\\", "/")
