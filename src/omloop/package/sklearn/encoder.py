"""A table's encoder as ONNX, node by node: the very float32 arithmetic of `omloop.train.catalogue.encoder`."""

from typing import Any

import numpy as np
import skl2onnx
from onnx import TensorProto, helper
from skl2onnx.common.data_types import FloatTensorType

from omloop.package.converter import Container, Operator, Scope
from omloop.package.sklearn.extended import absent
from omloop.package.sklearn.plainer import every_estimator

OPSET = 18
"""That of every graph; none of the operators here has changed since an earlier one."""


def register_encoder(model: Any) -> None:
    """Teach skl2onnx the encoders that a model has, if any; teaching it again changes nothing."""
    for kind in {type(one) for one in every_estimator(model) if hasattr(one, "tables_")}:
        skl2onnx.update_registered_converter(kind, "OmloopTableEncoder", _wide, _convert)


def _wide(operator: Operator) -> None:
    encoder = operator.raw_operator
    words = sum(table.shape[1] for table in encoder.tables_)
    numbers = len(encoder.numbers_) + len(encoder.absent_) + len(encoder.bent_)
    operator.outputs[0].type = FloatTensorType([None, numbers + words])


def _convert(scope: Scope, operator: Operator, container: Container) -> None:
    encoder, nodes = operator.raw_operator, _Nodes(scope, container)
    rows, parts = operator.inputs[0].full_name, []
    if len(encoder.numbers_):
        numbers = nodes.add("Gather", [rows, nodes.constant(encoder.numbers_)], axis=1)
        if encoder.plan.scaled or encoder.plan.filled:
            missing = nodes.add("IsNaN", [numbers])
            numbers = nodes.add("Where", [missing, nodes.constant(encoder.fill_), numbers])
            for word, values in (("Min", encoder.high_), ("Max", encoder.low_)):
                numbers = nodes.add(word, [numbers, nodes.constant(values)])
            for word, values in (("Sub", encoder.centre_), ("Div", encoder.scale_)):
                numbers = nodes.add(word, [numbers, nodes.constant(values)])
        parts.append(numbers)
    if len(encoder.absent_):
        parts.append(absent(scope, container, rows, encoder.absent_))
    if len(encoder.bent_):
        bent = nodes.add("Gather", [parts[0], nodes.constant(encoder.bent_)], axis=1)
        beyond = nodes.add("Sub", [bent, nodes.constant(encoder.knots_)])
        parts.append(nodes.add("Max", [beyond, nodes.constant(np.zeros(1, np.float32))]))
    if len(encoder.places_):
        codes = nodes.add("Gather", [rows, nodes.constant(encoder.places_)], axis=1)
        behind = nodes.constant(np.asarray(encoder.sizes, np.float32))
        codes = nodes.add("Where", [nodes.add("IsNaN", [codes]), behind, codes])
        codes = nodes.add("Max", [nodes.add("Min", [codes, behind]), nodes.constant(np.zeros(1, np.float32))])
        codes = nodes.add("Cast", [codes], to=TensorProto.INT64)
        for place, table in enumerate(encoder.tables_):
            word = nodes.add("Gather", [codes, nodes.constant(np.array(place, np.int64))], axis=1)
            parts.append(nodes.add("Gather", [nodes.constant(table), word], axis=0))
    container.add_node("Concat", parts, operator.outputs[0].full_name, op_version=OPSET, axis=1)


class _Nodes:
    """Adds nodes and constants under names that nothing else has, and gives those names."""

    def __init__(self, scope: Scope, container: Container) -> None:
        self.scope, self.container = scope, container

    def add(self, operator: str, inputs: list[str], **attributes: object) -> str:
        name = self.scope.get_unique_variable_name(operator.lower())
        self.container.add_node(operator, inputs, name, op_version=OPSET, **attributes)
        return name

    def constant(self, values: Any) -> str:
        name = self.scope.get_unique_variable_name("constant")
        kind = helper.np_dtype_to_tensor_dtype(values.dtype)
        self.container.add_initializer(name, kind, values.shape, values.ravel().tolist())
        return name
