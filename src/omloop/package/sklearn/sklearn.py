"""From scikit-learn to ONNX, with skl2onnx: the whole pipeline, preprocessing included."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from omloop.core import ExampleArray, ExportError, Feeds, Fitted, OmloopError, Output
from omloop.kinds import Classes
from omloop.package.causes import known_cause
from omloop.package.graph import finish_graph
from omloop.package.sklearn import columns, pixels, vectorizers
from omloop.package.sklearn.convert import convert, needs_float64, steps_of
from omloop.package.sklearn.plainer import Plainer, plainer
from omloop.package.sklearn.steps import explain

WITH_A_CONSTANT: dict[str, tuple[str, float | None]] = {"+1": ("Add", 1.0), "-1": ("Add", -1.0), "Square": ("Pow", 2.0)}
"""Operators of `plainer` that ONNX has with a second operand."""


def export(fitted: Fitted, inputs: Feeds, outputs: Output, examples: ExampleArray) -> bytes:
    """Export a fitted estimator or pipeline; raises ExportError that names the step which ONNX cannot express."""
    places = np.asarray(fitted.model.classes_, np.int64) if isinstance(outputs, Classes) else ()
    return export_estimator(fitted.model, inputs.feeds(examples[:1]), outputs, Reading(places))


@dataclass(frozen=True)
class Reading:
    """How an estimator reads rows and classes: `places` are those of its classes among the answered classes.

    `words` has the texts that the numbers of each column stand for, and none for a column of numbers. Without any, the
    estimator reads all columns as one matrix. `brightest` is the divisor of pixels. With `scaled` the graph scales
    in float64, for an estimator that learned from float64.
    """

    places: Sequence[int] | NDArray[np.int64] = ()
    words: Sequence[Sequence[str]] = ()
    brightest: int = 255
    scaled: bool = False


def export_estimator(
    estimator: Any, feeds: Mapping[str, NDArray[np.generic]], outputs: Output, reading: Reading
) -> bytes:
    """Export an estimator whose graph takes inputs such as `feeds`; raises ExportError that names the step to blame."""
    ((name, feed),) = feeds.items()
    pictures, width = pixels.takes_bytes(feed), int(np.prod(feed.shape[1:]))
    matrix = pixels.MATRIX if pictures else name
    # A classifier's first answer is its label, which is not kept.
    answers = ("label", "known_probabilities") if isinstance(outputs, Classes) else (outputs.graph_output,)
    try:
        plain = plainer(estimator)
        if feed.dtype == object:
            model = vectorizers.convert_texts(plain.model, name, answers)
        elif reading.words:
            model = columns.from_rows(columns.convert_columns(plain.model, reading.words, answers), name, reading.words)
        else:
            model = convert(plain.model, matrix, width, answers, scaled=reading.scaled)
    except OmloopError:
        raise
    except Exception as error:  # skl2onnx raises whatever its converters meet
        raise ExportError(explain(estimator, width, error)) from error
    if needs_float64(plain.model):
        model = _between_casts(model, matrix, width, answers[-1])
    if plain.changes:
        _bring_back(model, plain, answers[-1])
    if isinstance(outputs, Classes):
        model = _keep_probabilities(model, np.asarray(reading.places, np.int64), len(outputs.classes))
    else:
        _declare(model, outputs.graph_output, 1)
    if pictures:
        model = pixels.from_bytes(model, name, feed, reading.brightest)
    *before, _ = steps_of(plain.model)
    folded = [*["pixels / 255"] * (pictures and reading.brightest > 1), *(type(step).__name__ for _, step in before)]
    try:
        return finish_graph(model, folded)
    except ExportError as error:
        raise ExportError(f"{error} {known_cause(plain.model)}".rstrip()) from error.__cause__


def _between_casts(model: Any, name: str, width: int, answer: str) -> Any:
    """Let a graph that computes in float64 take and give float32."""
    model = onnx.compose.add_prefix(model, "float64_")
    cast, graph, to = onnx.helper.make_node, model.graph, onnx.TensorProto.FLOAT
    graph.node.insert(0, cast("Cast", [name], [f"float64_{name}"], to=onnx.TensorProto.DOUBLE))
    graph.node.append(cast("Cast", [f"float64_{answer}"], [answer], to=to))
    del graph.input[:], graph.output[:]
    graph.input.append(onnx.helper.make_tensor_value_info(name, to, [None, width]))
    graph.output.append(onnx.helper.make_tensor_value_info(answer, to, None))
    return model


def _bring_back(model: Any, plain: Plainer, answer: str) -> None:
    """Undo in the graph the changes to the target before training."""
    node, graph = onnx.helper.make_node, model.graph
    for one in graph.node:
        one.output[:] = ["transformed" if name == answer else name for name in one.output]
    steps: list[tuple[str, float | None]] = []
    if (plain.scale, plain.shift) != (1.0, 0.0):
        steps = [("Mul", plain.scale), ("Add", plain.shift)]
    steps += [WITH_A_CONSTANT.get(operator, (operator, None)) for operator in plain.operators]
    given = "transformed"
    for place, (operator, constant) in enumerate(steps):
        result, other = answer if place == len(steps) - 1 else f"back_{place}", f"constant_{place}"
        graph.node.append(node(operator, [given] if constant is None else [given, other], [result]))
        if constant is not None:
            graph.initializer.append(onnx.numpy_helper.from_array(np.array([constant], np.float32), other))
        given = result


def _declare(model: Any, name: str, width: int) -> None:
    """Say anew what the graph answers: skl2onnx sometimes says another width, as for partial least squares."""
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, width]))


def _keep_probabilities(model: Any, known: NDArray[np.int64], count: int) -> Any:
    """Answer probabilities alone, a column a class: a class that training never saw gets a column of zeros."""
    # The prefix keeps skl2onnx's own names out of the way: one of them is often "probabilities".
    model = onnx.compose.add_prefix(model, "inner_", rename_inputs=False, rename_outputs=False)
    place = np.zeros((len(known), count), np.float32)
    place[np.arange(len(known)), known] = 1.0
    graph = model.graph
    graph.initializer.append(onnx.numpy_helper.from_array(place, "class_columns"))
    graph.node.append(onnx.helper.make_node("MatMul", ["known_probabilities", "class_columns"], ["probabilities"]))
    _declare(model, "probabilities", count)
    return model
