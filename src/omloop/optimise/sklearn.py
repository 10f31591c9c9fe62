"""From scikit-learn to ONNX, with skl2onnx: the whole pipeline, preprocessing included."""

import warnings
from typing import Any

import numpy as np
import onnx
import skl2onnx
from numpy.typing import NDArray
from skl2onnx.common.data_types import FloatTensorType

from omloop.bundle import Classes
from omloop.core import ExportError, Fitted, Kind, Output
from omloop.optimise import dummy, pixels
from omloop.optimise.graph import finished, first_line

OPSET = {"": 18, "ai.onnx.ml": 3}


def export(fitted: Fitted, inputs: Kind, outputs: Output, examples: NDArray[Any]) -> bytes:
    """Export a fitted estimator or pipeline; raises ExportError that names the step which ONNX cannot express."""
    dummy.register()
    feeds = inputs.feeds(examples[:1])
    pictures = pixels.takes_bytes(*feeds.values()) if len(feeds) == 1 else False
    types = [(name, FloatTensorType([None, *feed.shape[1:]])) for name, feed in feeds.items()]
    if pictures:
        types = [(pixels.MATRIX, FloatTensorType([None, inputs.matrix(examples[:1]).shape[1]]))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # skl2onnx reads what scikit-learn will rename
            model = skl2onnx.convert_sklearn(
                fitted.model,
                name="model",
                initial_types=types,
                target_opset=OPSET,
                options={"zipmap": False} if isinstance(outputs, Classes) else None,
                final_types=_answers(outputs),
            )
    except Exception as error:  # skl2onnx raises whatever its converters meet
        raise ExportError(_explain(fitted.model, error)) from error
    if isinstance(outputs, Classes):
        model = _keep_probabilities(model, np.asarray(fitted.model.classes_, np.int64), len(outputs.classes))
    if pictures:
        ((name, feed),) = feeds.items()
        model = pixels.from_bytes(model, name, feed)
    return finished(model)


def _answers(outputs: Output) -> list[tuple[str, Any]]:
    """The names of the graph's outputs; a classifier's first is its label, which is not kept."""
    if isinstance(outputs, Classes):
        return [("label", None), ("known_probabilities", None)]
    return [(outputs.graph_output, None)]


def _keep_probabilities(model: Any, known: NDArray[np.int64], count: int) -> Any:
    """Answer probabilities alone, a column a class: one that training never saw gets a column of zeros."""
    # The prefix keeps skl2onnx's own names out of the way: one of them is often "probabilities".
    model = onnx.compose.add_prefix(model, "inner_", rename_inputs=False, rename_outputs=False)
    place = np.zeros((len(known), count), np.float32)
    place[np.arange(len(known)), known] = 1.0
    graph = model.graph
    graph.initializer.append(onnx.numpy_helper.from_array(place, "class_columns"))
    graph.node.append(onnx.helper.make_node("MatMul", ["known_probabilities", "class_columns"], ["probabilities"]))
    del graph.output[:]
    graph.output.append(onnx.helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, [None, count]))
    return model


def _explain(model: Any, error: Exception) -> str:
    """Name the step that has no converter; skl2onnx itself names only a class, on a line of a long text."""
    step = _unsupported(model)
    if step:
        return (
            f"The step {step} cannot be packaged as ONNX. Write it with steps that can, such as StandardScaler, "
            "OneHotEncoder or a ColumnTransformer of them, or do its work on the data before training."
        )
    return (
        f"{type(model).__name__} cannot be packaged as ONNX: {first_line(error)}. Try another setting of it, or "
        "another estimator."
    )


def _unsupported(model: Any) -> str:
    """The first step, depth first, that skl2onnx has no converter for; empty when it has one for each."""
    from skl2onnx._supported_operators import sklearn_operator_name_map

    for name, step in _steps("", model):
        if type(step) not in sklearn_operator_name_map:
            return f"'{name}' ({type(step).__name__})" if name else type(step).__name__
    return ""


def _steps(name: str, model: Any) -> list[tuple[str, Any]]:
    """Every named estimator inside pipelines, column transformers and unions, or the model itself."""
    inner = (
        getattr(model, "steps", None)
        or getattr(model, "transformers_", None)
        or getattr(model, "transformer_list", None)
    )
    if not inner:
        return [(name, model)]
    return [found for label, step, *_ in inner if hasattr(step, "get_params") for found in _steps(label, step)]
