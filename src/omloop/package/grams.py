"""From a linear model of hashed grams to ONNX: a lookup, a sum and a softmax, written node by node.

The known grams lie in their own table, since they are few among all buckets. A gram in no slot of it counts as absent.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from omloop.core import ExampleArray, Feeds, Fitted, OutputSpec
from omloop.package.graph import finish_graph
from omloop.package.hash_table import EMPTY, hash_table

OPSET = 18


def export(fitted: Fitted, inputs: Feeds, outputs: OutputSpec, examples: ExampleArray) -> bytes:
    """Export a model such as `omloop.train.fit_bag_of_words` gives; its class `Grams` describes the computation.

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
    """The numbers that the graph needs, and no others."""
    kept = {"bias": model.bias, "along": np.array([1], np.int64), "one": np.ones(1, np.float32)}
    kept |= _table(model) if model.weights.any() else {"zero": np.zeros((1, len(model.bias)), np.float32)}
    return [numpy_helper.from_array(values, name) for name, values in kept.items()]


def _table(model: Any) -> dict[str, NDArray[Any]]:
    """The key, frequency and weights of each gram, in the slots of a hash table."""
    table = hash_table(model.known)
    there, slots = table.places != EMPTY, len(table.places)
    keys, frequency = np.full(slots, EMPTY, np.int32), np.zeros(slots, np.float16)
    weights = np.zeros((slots, model.weights.shape[1]), np.float16)
    own = table.places[there]
    keys[there], frequency[there], weights[there] = model.known[own], model.frequency[own], model.weights[own]
    return {
        "keys": keys,
        "frequency": frequency,
        "weights": weights,
        "displacements": table.displacements,
        "buckets": np.array([len(table.displacements)], np.int64),
        "slots": np.array([slots], np.int64),
        "place": model.place,
    }


def _linear(outputs: OutputSpec) -> list[object]:
    node = helper.make_node
    return [
        node("Mod", ["grams", "buckets"], ["bucket"]),
        node("Gather", ["displacements", "bucket"], ["narrow_displacement"]),
        node("Cast", ["narrow_displacement"], ["displacement"], to=TensorProto.INT64),
        node("Div", ["grams", "buckets"], ["step"]),
        node("Add", ["step", "displacement"], ["displaced"]),
        node("Mod", ["displaced", "slots"], ["slot"]),
        node("Gather", ["keys", "slot"], ["narrow_key"]),
        node("Cast", ["narrow_key"], ["key"], to=TensorProto.INT64),
        node("Equal", ["key", "grams"], ["is_known"]),
        node("Cast", ["is_known"], ["known"], to=TensorProto.FLOAT),
        # Padding has count 0: it becomes log(1) + 1, and then 0, since no gram of bucket 0 is known.
        node("Max", ["counts", "one"], ["least_one"]),
        node("Log", ["least_one"], ["logarithm"]),
        node("Add", ["logarithm", "one"], ["sublinear"]),
        node("Mul", ["sublinear", "known"], ["damped"]),
        node("Gather", ["frequency", "slot"], ["half_frequencies"]),
        node("Cast", ["half_frequencies"], ["frequencies"], to=TensorProto.FLOAT),
        node("Mul", ["damped", "frequencies"], ["values"]),
        node("ReduceL2", ["values", "along"], ["length"], keepdims=1),
        node("Max", ["length", "one"], ["divisor"]),
        node("Div", ["values", "divisor"], ["unit"]),
        node("Unsqueeze", ["unit", "along"], ["row"]),
        node("Gather", ["weights", "slot"], ["half_weights"]),
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
