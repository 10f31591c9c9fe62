"""An estimator that its owner fitted, on columns and labels of his own: what it reads, and its graph."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from omloop.bundle import Session
from omloop.core import ExampleArray, ExportError, Feeds, Fitted, NumberArray, Output, TrainError, first_line
from omloop.package.causes import known_cause
from omloop.package.sklearn.columns import by_places
from omloop.package.sklearn.plainer import every_estimator, plainer
from omloop.package.sklearn.sklearn import Reading, export_estimator
from omloop.package.sklearn.steps import diagnose as diagnose_steps
from omloop.package.sklearn.vectorizers import refusal

IN_FLOAT64 = ("HistGradientBoosting", "LGBM")
"""How the names of estimators begin whose trees compare in float64; those of others take float32."""


@dataclass(frozen=True)
class GivenEstimator:
    """A fitted estimator, and how it reads the rows of an input kind.

    `columns` are the places that the row's columns had in the training of the estimator.
    """

    estimator: Any
    reading: Reading
    columns: tuple[int, ...] = ()

    @property
    def placed(self) -> Any:
        """The estimator as one of columns by their places in the row."""
        return by_places(self.estimator, {column: place for place, column in enumerate(self.columns)})


def export(fitted: Fitted, inputs: Feeds, outputs: Output, examples: ExampleArray) -> bytes:
    """Export it; raises ExportError that names the step which ONNX cannot express."""
    given: GivenEstimator = fitted.model
    if refused := refusal(given.estimator):
        raise ExportError(refused)
    return export_estimator(given.placed, inputs.feeds(examples[:1]), outputs, given.reading)


def diagnose(fitted: Fitted, session: Session, rows: NumberArray) -> str:
    """Which step first answers otherwise, on columns of numbers; or else a known cause for such estimators."""
    given: GivenEstimator = fitted.model
    if known := known_cause(plainer(given.estimator).model):
        return known
    if any(type(one).__name__.startswith(IN_FLOAT64) for one in every_estimator(given.estimator)):
        return (
            "Its trees compare in float64, and a graph compares in float32: fit it on float32 "
            "(X.astype('float32')) and without scaling, which trees do not need."
        )
    if given.reading.words or rows.dtype == object or given.reading.brightest != Reading().brightest:
        return ""
    return diagnose_steps(replace(fitted, model=given.placed), session, rows)


def require_fitted(model: Any) -> None:
    """Let a fitted estimator pass; raises TrainError for another."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise TrainError(f"{type(model).__name__} is not fitted. Call its fit on the training data first.") from error
    except TypeError as error:
        raise TrainError(f"{type(model).__name__} is no estimator of scikit-learn: {first_line(error)}") from error


def asked(answer: Callable[..., Any], rows: Any, helps: Callable[[str], str]) -> Any:
    """What an estimator answers to rows; raises TrainError, with what `helps`, where it refuses them."""
    try:
        return answer(rows)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TrainError(f"The model cannot answer the examples: {first_line(error)}. {helps(str(error))}") from error
