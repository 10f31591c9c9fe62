"""Which step of a scikit-learn pipeline is to blame, if the conversion fails or the graph answers otherwise."""

from typing import Any

import numpy as np
import onnxruntime
from sklearn.pipeline import Pipeline

from omloop.core import Fitted, NumberArray, first_line
from omloop.package.causes import known_cause
from omloop.package.sklearn.convert import convert, needs_float64, steps_of
from omloop.package.sklearn.plainer import plainer

ALIKE = 1e-5
"""The largest difference, relative to the largest answer, up to which a step is taken to answer alike."""


def explain(model: Any, width: int, error: Exception) -> str:
    """Why packaging a model fails, by the name of the step: skl2onnx itself names a class, in a long text."""
    from skl2onnx._supported_operators import sklearn_operator_name_map

    try:
        model = plainer(model).model
    except NotImplementedError as refused:
        return f"{type(model).__name__} cannot be packaged as ONNX: {refused}."
    unknown = [(name, step) for name, step in steps_of(model) if type(step) not in sklearn_operator_name_map]
    if unknown:
        helps = known_cause(unknown[0][1]) or (
            "Write it with steps that can, such as StandardScaler, OneHotEncoder or a ColumnTransformer of them, or do "
            "its work on the data before training."
        )
        called = _called(*unknown[0])
        return f"The step {called} cannot be packaged as ONNX: skl2onnx has no converter for it. {helps}"
    place = _first_unconvertible(model, width)
    blamed = type(model).__name__ if place is None else f"The step {_called(*model.steps[place])}"
    helps = known_cause(model, str(error)) or "Try another setting of it, or another estimator."
    return f"{blamed} cannot be packaged as ONNX: {first_line(error)}. {helps}"


def diagnose(fitted: Fitted, session: Any, rows: NumberArray) -> str:
    """Which step first answers otherwise as ONNX than in scikit-learn, on `rows`, and what to try."""
    matrix = session.inputs.matrix(rows)
    model = plainer(fitted.model).model
    if not isinstance(model, Pipeline):
        return f"{type(model).__name__} itself answers otherwise as ONNX. {_advice(model)}"
    given = matrix
    for place, (name, step) in enumerate(model.steps):
        truth = _answers(step, given)
        whole = _apart(_onnx_answers(model[: place + 1], matrix), truth)
        if whole > ALIKE:
            alone = _apart(_onnx_answers(step, given), truth)
            return _blame(_called(name, step), step, whole=whole, alone=alone, before=model.steps[:place])
        given = np.asarray(truth)
    return ""


def _blame(called: str, step: Any, *, whole: float, alone: float, before: Any) -> str:
    if before and alone <= ALIKE:
        return (
            f"The step {called} is the first that differs, by {whole:.1g}, and answers alike on its own: it magnifies "
            f"the rounding of {_called(*before[-1])} before it to float32. Leave out what comes before it (trees need "
            "no scaling), or round there."
        )
    return f"The step {called} is the first that differs, by {whole:.1g}, and does so on its own. {_advice(step)}"


def _advice(step: Any) -> str:
    """What to try instead of a step whose ONNX form computes otherwise."""
    return known_cause(step) or "Try another setting of it, or another estimator."


def _called(name: str, step: Any) -> str:
    return f"'{name}' ({type(step).__name__})" if name else type(step).__name__


def _first_unconvertible(model: Any, width: int) -> int | None:
    """The place of the first step with which the conversion fails; None for a model that is no pipeline."""
    for place in range(len(model.steps) if isinstance(model, Pipeline) else 0):
        try:
            convert(model[: place + 1], "rows", width)
        except Exception:  # skl2onnx raises whatever its converters meet
            return place
    return None


def _answers(step: Any, rows: NumberArray) -> Any:
    for verb in ("predict_proba", "transform", "predict"):
        if hasattr(step, verb):
            return getattr(step, verb)(rows)
    return rows


def _onnx_answers(model: Any, rows: NumberArray) -> NumberArray:
    """What ONNX makes of the rows; a classifier's probabilities come behind its labels."""
    graph = convert(model, "rows", int(np.shape(rows)[1]))
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    answers = session.run(None, {"rows": rows.astype(np.float64 if needs_float64(model) else np.float32)})
    return np.asarray(answers[-1])


def _apart(packaged: NumberArray, original: Any) -> float:
    """The largest difference relative to the largest answer; infinite for another number of answers."""
    wanted = np.asarray(original, np.float64)
    if packaged.size != wanted.size:
        return float("inf")
    scale = float(np.abs(wanted).max(initial=0.0)) or 1.0
    return float(np.abs(packaged.reshape(wanted.shape) - wanted).max(initial=0.0)) / scale
