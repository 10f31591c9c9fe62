"""FunctionTransformer of a function that ONNX has, and MissingIndicator: skl2onnx converts neither."""

from typing import Any

import numpy as np
import skl2onnx
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType
from sklearn.impute import MissingIndicator
from sklearn.preprocessing import FunctionTransformer

from omloop.package.converter import Container, Operator, Scope
from omloop.package.sklearn.extended import absent

FUNCTIONS: dict[Any, tuple[str, ...]] = {
    None: ("Identity",),
    np.log: ("Log",),
    np.log1p: ("+1", "Log"),
    np.exp: ("Exp",),
    np.expm1: ("Exp", "-1"),
    np.sqrt: ("Sqrt",),
    np.abs: ("Abs",),
    np.negative: ("Neg",),
    np.reciprocal: ("Reciprocal",),
    np.sin: ("Sin",),
    np.cos: ("Cos",),
    np.tanh: ("Tanh",),
    np.sign: ("Sign",),
    np.floor: ("Floor",),
    np.ceil: ("Ceil",),
}
"""NumPy's functions that ONNX has, as operators; `+1` and `-1` are additions."""


def register() -> None:
    """Teach skl2onnx both; teaching it again changes nothing."""
    skl2onnx.update_registered_converter(FunctionTransformer, "OmloopFunctionTransformer", _as_wide, _convert_function)
    skl2onnx.update_registered_converter(MissingIndicator, "OmloopMissingIndicator", _indicated, _convert_indicator)


def add_operators(container: Container, scope: Scope, operators: tuple[str, ...], given: str, answer: str) -> None:
    """Add the operators one behind the other, from the name `given` to the name `answer`."""
    for place, operator in enumerate(operators):
        result = answer if place == len(operators) - 1 else scope.get_unique_variable_name("between")
        if operator in ("+1", "-1"):
            one = scope.get_unique_variable_name("one")
            container.add_initializer(one, TensorProto.FLOAT, [1], [float(operator)])
            container.add_node("Add", [given, one], result, op_version=14)
        else:
            container.add_node(operator, given, result, op_version=_OLD.get(operator, 13))
        given = result


_OLD = {"Sin": 7, "Cos": 7}


def _as_wide(operator: Operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, sum(one.type.shape[1] for one in operator.inputs)])


def _convert_function(scope: Scope, operator: Operator, container: Container) -> None:
    transformer = operator.raw_operator
    if transformer.func not in FUNCTIONS or transformer.kw_args:
        name = getattr(transformer.func, "__name__", "it")
        known = ", ".join(one.__name__ for one in FUNCTIONS if one is not None)
        raise NotImplementedError(f"the function '{name}' is Python, which ONNX cannot run; it has NumPy's {known}")
    given = [one.full_name for one in operator.inputs]
    rows = given[0]
    if len(given) > 1:
        rows = scope.get_unique_variable_name("rows")
        container.add_node("Concat", given, rows, op_version=13, axis=1)
    add_operators(container, scope, FUNCTIONS[transformer.func], rows, operator.outputs[0].full_name)


def _indicated(operator: Operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, len(operator.raw_operator.features_)])


def _convert_indicator(scope: Scope, operator: Operator, container: Container) -> None:
    if len(operator.inputs) != 1 or not np.isnan(operator.raw_operator.missing_values):
        raise NotImplementedError("it is known for absent values of one matrix alone")
    shown = absent(scope, container, operator.inputs[0].full_name, operator.raw_operator.features_)
    container.add_node("Identity", shown, operator.outputs[0].full_name, op_version=13)
