"""The one way from a metric's name to the metric: a project's own, or a built-in one for the output."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from omloop.core import ConfigError, Metric, NumberArray, Output, Score, UnknownNameError
from omloop.evaluate import areas, metrics
from omloop.evaluate.calibration import calibration_error_of

FOR_NUMBERS = {
    one.name: one
    for one in (
        Metric("r2", True, metrics.r2),
        Metric("rmse", False, metrics.rmse),
        Metric("mae", False, metrics.mae),
    )
}
FOR_CLASSES = {
    one.name: one
    for one in (
        Metric("accuracy", True, metrics.accuracy, answered=True),
        Metric("balanced_accuracy", True, metrics.balanced_accuracy, answered=True),
        Metric("macro_f1", True, metrics.macro_f1, answered=True),
        Metric("log_loss", False, metrics.log_loss),
        Metric("brier", False, metrics.brier),
        Metric("calibration_error", False, calibration_error_of),
        Metric("roc_auc", True, areas.roc_auc),
        Metric("pr_auc", True, areas.pr_auc),
    )
}
OF_A_CLASS = {"recall": metrics.recall, "precision": metrics.precision}
"""Scores of one class, which stands in brackets behind the name, as in `recall[yes]`."""
OF_A_QUANTILE = "quantile_loss"
"""The score of a quantile, which stands in brackets behind the name, as in `quantile_loss[0.9]`."""
BUILT_IN = frozenset({*FOR_NUMBERS, *FOR_CLASSES, *OF_A_CLASS, OF_A_QUANTILE})


def metric(name: str, output: Output, own: Mapping[str, Metric] | None = None) -> Metric:
    """The metric called `name` for answers of `output`: it takes truth and outputs, and decides as the output does.

    `own` are a project's metrics, by name; omloop checks their results. Raises UnknownNameError, and ConfigError for a
    class or a quantile in the name that makes no sense.

    >>> from omloop import Classes
    >>> mood = Classes("mood", ("sad", "happy"), threshold=0.9)
    >>> metric("recall[sad]", mood)(np.array([0, 0]), np.array([[0.2, 0.8], [0.05, 0.95]]))
    0.5
    """
    own = own or {}
    found = _checked(replace(own[name], name=name)) if name in own else _built_in(name, output)
    if found is None:
        known = {*own, *(FOR_CLASSES if output.classes else FOR_NUMBERS), *_with_brackets(output)}
        raise UnknownNameError("metric", name, known)
    return _deciding(found, output) if found.answered else found


def is_built_in(name: str) -> bool:
    """Whether a name, or what stands before its brackets, is that of a built-in metric."""
    return name.partition("[")[0] in BUILT_IN


def _built_in(name: str, output: Output) -> Metric | None:
    family, _, inside = name.partition("[")
    inside = inside.removesuffix("]") if name.endswith("]") else ""
    if not output.classes:
        return _of_quantile(name, inside) if family == OF_A_QUANTILE else FOR_NUMBERS.get(name)
    if family in OF_A_CLASS:
        if inside not in output.classes:
            raise UnknownNameError("class", inside, output.classes, next_step=f"'{name}' names none.")
        return Metric(name, True, partial(OF_A_CLASS[family], place=output.classes.index(inside)), answered=True)
    if name in ("roc_auc", "pr_auc") and output.positive is not None:
        found = FOR_CLASSES[name]
        return replace(found, score=partial(found.score, positive=output.positive))  # type: ignore[call-arg]
    return FOR_CLASSES.get(name)


def _of_quantile(name: str, inside: str) -> Metric:
    try:
        quantile = float(inside)
    except ValueError:
        quantile = 0.0
    if not 0 < quantile < 1:
        raise ConfigError(f"The metric '{name}' needs a quantile above 0 and below 1, such as {OF_A_QUANTILE}[0.9].")
    return Metric(name, False, partial(metrics.quantile_loss, quantile=quantile))


def _with_brackets(output: Output) -> Sequence[str]:
    if output.classes:
        return [f"{family}[{name}]" for family in OF_A_CLASS for name in output.classes[:5]]
    return [f"{OF_A_QUANTILE}[0.9]"]


def _deciding(found: Metric, output: Output) -> Metric:
    return replace(found, score=_Deciding(found.score, output.decide))


@dataclass(frozen=True)
class _Deciding:
    """A score of answers, as a score of outputs: it decides first."""

    score: Score
    decide: Callable[[NumberArray], NumberArray]

    def __call__(self, truth: NumberArray, outputs: NumberArray) -> float:
        return self.score(truth, self.decide(outputs))


def _checked(given: Metric) -> Metric:
    return replace(given, score=_Checked(given.name, given.score))


@dataclass(frozen=True)
class _Checked:
    """A project's function: it must not change its arrays, and must give a number; raises ConfigError otherwise."""

    name: str
    score: Score

    def __call__(self, truth: NumberArray, outputs: NumberArray) -> float:
        try:
            found: Any = self.score(_read_only(truth), _read_only(outputs))
        except Exception as error:
            told = f"{type(error).__name__}: {error}".rstrip(": .")
            raise ConfigError(
                f"The metric '{self.name}' failed on {_about(truth)}: {told}. "
                "Where it is not defined, let it return float('nan')."
            ) from error
        if isinstance(found, np.ndarray) and found.ndim == 0:
            found = found.item()
        if isinstance(found, bool | np.bool_) or not isinstance(found, numbers.Real | np.integer | np.floating):
            what = f"an array of shape {found.shape}" if isinstance(found, np.ndarray) else f"{found!r:.40}"
            raise ConfigError(f"The metric '{self.name}' gave {what} on {_about(truth)}. Let it return one number.")
        return float(found)


def _about(truth: NumberArray) -> str:
    alone = " that are all of one class" if truth.dtype.kind == "i" and len(np.unique(truth)) == 1 else ""
    return f"{len(truth)} row{'' if len(truth) == 1 else 's'}{alone if len(truth) > 1 else ''}"


def _read_only(values: NumberArray) -> NumberArray:
    view = values.view()
    view.flags.writeable = False
    return view
