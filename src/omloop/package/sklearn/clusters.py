"""KMeans as a step, as ONNX: the distances to its centres alone, where skl2onnx gives labels before them."""

from collections.abc import Sequence

import numpy as np
import skl2onnx
from onnx import TensorProto
from sklearn.cluster import KMeans, MiniBatchKMeans

from omloop.package.converter import Container, Operator, Scope, Variable


def register() -> None:
    """Teach skl2onnx what `transform` answers; teaching it again changes nothing."""
    for kind in (KMeans, MiniBatchKMeans):
        skl2onnx.update_registered_converter(kind, f"Omloop{kind.__name__}", _distances, _convert, parser=_parse)


def _parse(scope: Scope, model: object, inputs: Sequence[Variable], custom_parsers: object = None) -> list[Variable]:
    operator = scope.declare_local_operator(f"Omloop{type(model).__name__}", model)
    operator.inputs.extend(inputs)
    operator.outputs.append(scope.declare_local_variable("distances", type(inputs[0].type)()))
    return operator.outputs


def _distances(operator: Operator) -> None:
    operator.outputs[0].type = type(operator.inputs[0].type)([None, len(operator.raw_operator.cluster_centers_)])


def _convert(scope: Scope, operator: Operator, container: Container) -> None:
    """The length of what lies between each row, shape (n, 1, columns), and each centre, (1, centres, columns)."""
    centres = np.asarray(operator.raw_operator.cluster_centers_, np.float32)[None]
    names = {word: scope.get_unique_variable_name(word) for word in ("centres", "middle", "rows", "between")}
    container.add_initializer(names["centres"], TensorProto.FLOAT, centres.shape, centres.ravel().tolist())
    container.add_initializer(names["middle"], TensorProto.INT64, [1], [1])
    container.add_node("Unsqueeze", [operator.inputs[0].full_name, names["middle"]], names["rows"], op_version=13)
    container.add_node("Sub", [names["rows"], names["centres"]], names["between"], op_version=14)
    container.add_node("ReduceL2", names["between"], operator.outputs[0].full_name, op_version=13, axes=[2], keepdims=0)
