"""skl2onnx's feature selection, put right: it answers zeros where the selector keeps the first column alone (1.20)."""

import skl2onnx
from onnx import TensorProto
from sklearn import feature_selection
from sklearn.feature_selection import SelectorMixin

from omloop.package.converter import Container, Operator, Scope


def register() -> None:
    """Teach skl2onnx to gather the columns that a selector keeps; teaching it again changes nothing."""
    for name in feature_selection.__all__:
        selector = getattr(feature_selection, name)
        if isinstance(selector, type) and issubclass(selector, SelectorMixin) and selector is not SelectorMixin:
            skl2onnx.update_registered_converter(selector, f"Omloop{name}", _kept, _convert)


def _kept(operator: Operator) -> None:
    (given,) = operator.inputs
    operator.outputs[0].type = type(given.type)([None, int(operator.raw_operator.get_support().sum())])


def _convert(scope: Scope, operator: Operator, container: Container) -> None:
    columns = operator.raw_operator.get_support(indices=True)
    name = scope.get_unique_variable_name("columns")
    container.add_initializer(name, TensorProto.INT64, [len(columns)], columns.tolist())
    container.add_node(
        "Gather", [operator.inputs[0].full_name, name], operator.outputs[0].full_name, op_version=13, axis=1
    )
