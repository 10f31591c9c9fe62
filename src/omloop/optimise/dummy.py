"""skl2onnx's missing converter: a DummyRegressor, the baseline that every model must beat."""

from typing import Any

import numpy as np
import onnx
import skl2onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.dummy import DummyRegressor


def register() -> None:
    """Teach skl2onnx to convert a DummyRegressor; teaching it again changes nothing."""
    skl2onnx.update_registered_converter(DummyRegressor, "OmloopDummyRegressor", _shape, _convert)


def _shape(operator: Any) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """The same number for every row: one row, repeated as often as the input has rows."""
    constant = np.asarray(operator.raw_operator.constant_, np.float32).reshape(1, 1)
    names = {word: scope.get_unique_variable_name(word) for word in ("constant", "rows", "one", "shape")}
    container.add_initializer(names["constant"], onnx.TensorProto.FLOAT, [1, 1], constant.ravel())
    container.add_initializer(names["one"], onnx.TensorProto.INT64, [1], [1])
    # The attribute `end` of Shape keeps the number of rows alone.
    container.add_node("Shape", operator.inputs[0].full_name, names["rows"], op_version=15, start=0, end=1)
    container.add_node("Concat", [names["rows"], names["one"]], names["shape"], op_version=13, axis=0)
    container.add_node("Expand", [names["constant"], names["shape"]], operator.outputs[0].full_name, op_version=13)
