"""Trains scikit-learn estimators and pipelines. It does not import scikit-learn: an estimator brings it along."""

import inspect
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import ExampleArray, Fitted, Job, Kind, OmloopError, Output, Part, TrainError
from omloop.kinds import Classes
from omloop.train.refusals import by_place, helps

AT_ONCE = 50_000
"""How many rows to predict at once: a pipeline's features of a million rows would not fit in memory."""


def fit_estimator(estimator: Any, job: Job) -> Fitted:
    """Fit a scikit-learn estimator or pipeline on the job's training part, as the input kind's float32 matrix.

    It logs one step: accuracy for classes, else the root mean squared error, of the training and the validation part.
    Each is on at most 50,000 rows from all of the part. Fitting uses float32 because the packaged graph compares in
    float32: a tree with finer thresholds would answer differently there. The estimator gets the part's weights. Raises
    TrainError if fitting fails, if the estimator takes no weights and there are some, or if it gives no probabilities
    and the project has classes.
    """
    name = type(estimator).__name__
    if isinstance(job.outputs, Classes) and not hasattr(estimator, "predict_proba"):
        raise TrainError(
            f"{name} cannot give probabilities, which classes need. Choose an estimator that has predict_proba "
            "(an SVC with probability=True), or wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
    by_place(estimator, job.inputs.fields)
    matrix = job.inputs.matrix(job.train.examples)
    try:
        estimator.fit(matrix, job.train.targets, **_weights(estimator, job))
    except (OmloopError, ImportError, MemoryError):
        raise
    except Exception as error:  # whatever an estimator, its library or a user's own step meets
        raise TrainError(
            f"{name} cannot be fitted: {_reason(error)}. {helps(error, matrix, job.inputs.fields)}"
        ) from error
    return as_fitted(estimator, job)


def as_fitted(estimator: Any, job: Job) -> Fitted:
    """The trained model of an estimator fitted on the job's matrix by any means; it logs the scores."""
    fitted = fitted_estimator(estimator, job)
    job.log(0, scores_of(fitted, job))
    return fitted


def fitted_estimator(estimator: Any, job: Job) -> Fitted:
    """The same without a score."""
    return Fitted("sklearn", estimator, _predictor(estimator, job.inputs, job.outputs))


def _weights(estimator: Any, job: Job) -> dict[str, Any]:
    """The keyword of `fit` for the weights of training rows; raises TrainError if there is none."""
    if not len(job.train.weights):
        return {}
    weights, steps = np.asarray(job.train.weights, np.float64), getattr(estimator, "steps", None)
    name, last = steps[-1] if steps else ("", estimator)
    if "sample_weight" not in inspect.signature(last.fit).parameters:
        raise TrainError(
            f"{type(last).__name__} takes no weights, which this project's records have. Choose an estimator whose "
            "fit takes sample_weight, or leave the project's `weight` out."
        )
    return {f"{name}__sample_weight" if steps else "sample_weight": weights}


def _predictor(estimator: Any, inputs: Kind, outputs: Output) -> Any:
    def ask(verb: str, examples: ExampleArray) -> Any:
        matrix, answer = inputs.matrix(examples), getattr(estimator, verb)
        try:
            if len(matrix) <= AT_ONCE:
                return answer(matrix)
            return np.concatenate([answer(matrix[start : start + AT_ONCE]) for start in range(0, len(matrix), AT_ONCE)])
        except (ValueError, TypeError) as error:
            helped = helps(error, matrix, inputs.fields)
            name = type(estimator).__name__
            raise TrainError(f"{name} cannot answer rows that are accepted: {_reason(error)}. {helped}") from error

    def numbers(examples: ExampleArray) -> NDArray[np.float64]:
        answers = ask("predict", examples)
        return np.asarray(answers, np.float64).reshape(len(examples))

    def probabilities(examples: ExampleArray) -> NDArray[np.float64]:
        known = ask("predict_proba", examples)
        answers = np.zeros((len(examples), len(outputs.classes)))
        # A class that training never saw has no column of its own in the estimator's answer.
        answers[:, np.asarray(estimator.classes_, np.int64)] = known
        return answers

    return probabilities if isinstance(outputs, Classes) else numbers


def _reason(error: Exception) -> str:
    """The first line of what an error says, with its class where that says more."""
    said = str(error).strip().partition("\n")[0].rstrip(".")
    return said if isinstance(error, ValueError | TypeError) else f"{type(error).__name__}: {said}"


def scores_of(fitted: Fitted, job: Job) -> dict[str, float]:
    """Accuracy or the root mean squared error of both parts, as a step's log has them."""
    parts = {"train": job.train, "validation": job.validation}
    name = "accuracy" if isinstance(job.outputs, Classes) else "rmse"
    return {f"{where}_{name}": _score(fitted, job.outputs, part) for where, part in parts.items() if len(part)}


def _score(fitted: Fitted, output: Output, part: Part) -> float:
    rows = np.linspace(0, len(part) - 1, min(len(part), AT_ONCE)).astype(np.int64)
    answered, targets = output.decide(fitted.predict(part.examples[rows])), part.targets[rows]
    if isinstance(output, Classes):
        return float((answered == targets).mean())
    return float(np.sqrt(np.square(answered - targets).mean()))
