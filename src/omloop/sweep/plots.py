"""Optuna's plots of a sweep: its course, the importance of each parameter, and the region of good values."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from omloop.sweep.optuna import OptunaStudy

MOST_DRAWN = 8
"""Parameters in one plot; above so many nothing can be read."""
MOST_CONTOURS = 3
LEAST_DONE = 3
DPI = 120


def sweep_plots(study: OptunaStudy, metric: str, importance: Mapping[str, float]) -> dict[str, bytes]:
    """PNGs by name: `history`, `importance`, `parallel`, `contour` of the parameters that matter most, and `steps`.

    It leaves out plots that need more trials, and all plots for fewer than `LEAST_DONE` trials.
    """
    if sum(trial.state == "done" for trial in study.trials()) < LEAST_DONE:
        return {}
    from optuna.visualization import matplotlib as drawn

    names = list(importance)[:MOST_DRAWN]
    told = {"target_name": metric}
    plots: dict[str, Callable[[], Any]] = {
        "history": lambda: drawn.plot_optimization_history(study.study, **told),
        "steps": lambda: drawn.plot_intermediate_values(study.study),
    }
    if len(names) > 1:
        plots["importance"] = lambda: drawn.plot_param_importances(
            study.study, params=names, evaluator=study.evaluator, **told
        )
        plots["parallel"] = lambda: drawn.plot_parallel_coordinate(study.study, params=names, **told)
        plots["contour"] = lambda: drawn.plot_contour(study.study, params=names[:MOST_CONTOURS], **told)
    if not any(trial.intermediate_values for trial in study.study.get_trials(deepcopy=False)):
        del plots["steps"]
    return {name: png for name, draw in plots.items() if (png := _png(draw))}


def _png(draw: Callable[[], Any]) -> bytes:
    """One plot; empty where there is nothing to draw."""
    from matplotlib import pyplot

    buffer = io.BytesIO()
    with warnings.catch_warnings(), pyplot.ioff():
        warnings.simplefilter("ignore")
        try:
            found = draw()
            figure = (found.ravel()[0] if hasattr(found, "ravel") else found).figure
            figure.set_size_inches(*_size(found))
            figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight")
        except (ValueError, RuntimeError):  # trials that are all alike
            return b""
        finally:
            pyplot.close("all")
    return buffer.getvalue()


def _size(found: Any) -> Sequence[float]:
    """Inches: a grid of contours needs room."""
    return (10.0, 8.0) if hasattr(found, "ravel") else (9.0, 4.5)
