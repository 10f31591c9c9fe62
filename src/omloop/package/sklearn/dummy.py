"""skl2onnx's missing converters: dummy estimators, the baselines that every model must beat."""

import numpy as np
import onnx
import skl2onnx
from numpy.typing import NDArray
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.dummy import DummyClassifier, DummyRegressor

from omloop.package.converter import Container, Operator, Scope, Variable
from omloop.package.label_numbers import label_numbers


def register() -> None:
    """Teach skl2onnx to convert dummies; teaching it again changes nothing."""
    skl2onnx.update_registered_converter(DummyRegressor, "OmloopDummyRegressor", _number, _convert_regressor)
    skl2onnx.update_registered_converter(
        DummyClassifier,
        "OmloopDummyClassifier",
        _classes,
        _convert_classifier,
        options={"zipmap": [True, False, "columns"], "nocl": [True, False], "output_class_labels": [True, False]},
    )


def _number(operator: Operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])


def _classes(operator: Operator) -> None:
    operator.outputs[0].type = Int64TensorType([None])
    operator.outputs[1].type = FloatTensorType([None, len(operator.raw_operator.classes_)])


def _convert_regressor(scope: Scope, operator: Operator, container: Container) -> None:
    constant = np.asarray(operator.raw_operator.constant_, np.float32).reshape(1, 1)
    _repeat(scope, operator, container, constant, operator.outputs[0])


def _convert_classifier(scope: Scope, operator: Operator, container: Container) -> None:
    """The shares of the classes, and the class of the largest. A dummy that draws its answers has no such shares."""
    dummy = operator.raw_operator
    if dummy.strategy not in ("prior", "most_frequent", "constant"):
        raise NotImplementedError(f"its strategy '{dummy.strategy}' answers at random; use 'prior'")
    shares = np.asarray(dummy.predict_proba([[0.0]]), np.float32)
    label = label_numbers(dummy.classes_)[shares.argmax(axis=1)]
    _repeat(scope, operator, container, label, operator.outputs[0])
    _repeat(scope, operator, container, shares, operator.outputs[1])


def _repeat(
    scope: Scope, operator: Operator, container: Container, constant: NDArray[np.generic], output: Variable
) -> None:
    """The same answer for every row: `constant`, of one row, repeated as often as the input has rows."""
    names = {word: scope.get_unique_variable_name(word) for word in ("constant", "rows", "one", "shape")}
    container.add_initializer(
        names["constant"],
        onnx.helper.np_dtype_to_tensor_dtype(constant.dtype),
        constant.shape,
        constant.ravel().tolist(),
    )
    # The attribute `end` of Shape keeps the number of rows alone.
    container.add_node("Shape", operator.inputs[0].full_name, names["rows"], op_version=15, start=0, end=1)
    shape = names["rows"]
    if constant.ndim == 2:
        container.add_initializer(names["one"], onnx.TensorProto.INT64, [1], [1])
        container.add_node("Concat", [names["rows"], names["one"]], names["shape"], op_version=13, axis=0)
        shape = names["shape"]
    container.add_node("Expand", [names["constant"], shape], output.full_name, op_version=13)
