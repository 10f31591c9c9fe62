"""From a linear model of hashed grams to ONNX: a lookup, a sum and a softmax, written node by node."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from omloop.core import ExampleArray, Feeds, Fitted, OutputSpec
from omloop.package.graph import finish_graph

OPSET = 18


def export(fitted: Fitted, inputs: Feeds, outputs: OutputSpec, examples: ExampleArray) -> bytes:
    """Export a model such as `omloop.train.fit_bag_of_words` gives; see its class `Grams` for what is computed.

    A model whose weights are all 0 keeps none of them.
    """
    model = fitted.model
    graph = helper.make_graph(
        _constant(outputs) if not model.weights.any() else _linear(outputs),
        "model",
        [
            helper.make_tensor_value_info("grams", TensorProto.INT64, ["n", "longest"]),
            helper.make_tensor_value_info("counts", TensorProto.FLOAT, ["n", "longest"]),
        ],
        [helper.make_tensor_value_info(outputs.graph_output, TensorProto.FLOAT, ["n", len(model.bias)])],
        _kept(model),
    )
    return finish_graph(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9))


def _kept(model: Any) -> list[TensorProto]:
    """The numbers that the graph needs, and no others: two numbers a bucket are nearly all of a bundle."""
    small = {"bias": model.bias, "along": np.array([1], np.int64), "one": np.ones(1, np.float32)}
    large = {"frequency": model.frequency, "weights": model.weights, "place": model.place}
    kept = small | (large if model.weights.any() else {"zero": np.zeros((1, len(model.bias)), np.float32)})
    return [numpy_helper.from_array(values, name) for name, values in kept.items()]


def _linear(outputs: OutputSpec) -> list[object]:
    node = helper.make_node
    return [
        # Padding has count 0: it becomes log(1) + 1, and then 0 by its sign.
        node("Max", ["counts", "one"], ["least_one"]),
        node("Log", ["least_one"], ["logarithm"]),
        node("Add", ["logarithm", "one"], ["sublinear"]),
        node("Sign", ["counts"], ["present"]),
        node("Mul", ["sublinear", "present"], ["damped"]),
        node("Gather", ["frequency", "grams"], ["half_frequencies"]),
        node("Cast", ["half_frequencies"], ["frequencies"], to=TensorProto.FLOAT),
        node("Mul", ["damped", "frequencies"], ["values"]),
        node("ReduceL2", ["values", "along"], ["length"], keepdims=1),
        node("Max", ["length", "one"], ["divisor"]),
        node("Div", ["values", "divisor"], ["unit"]),
        node("Unsqueeze", ["unit", "along"], ["row"]),
        node("Gather", ["weights", "grams"], ["half_weights"]),
        node("Cast", ["half_weights"], ["looked_up"], to=TensorProto.FLOAT),
        node("MatMul", ["row", "looked_up"], ["sums"]),
        node("Squeeze", ["sums", "along"], ["columns"]),
        node("MatMul", ["columns", "place"], ["spoken"]),
        node("Add", ["spoken", "bias"], ["logits"]),
        node("Softmax", ["logits"], [outputs.graph_output], axis=1),
    ]


def _constant(outputs: OutputSpec) -> list[object]:
    """The same logits for every text: as many as there are rows of counts."""
    node = helper.make_node
    return [
        node("ReduceSum", ["counts", "along"], ["total"], keepdims=1),
        node("MatMul", ["total", "zero"], ["nothing"]),
        node("Add", ["nothing", "bias"], ["logits"]),
        node("Softmax", ["logits"], [outputs.graph_output], axis=1),
    ]
