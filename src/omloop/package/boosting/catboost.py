"""CatBoost's estimators, by their own exporter (the extra `catboost`), as a step that skl2onnx knows."""

from collections.abc import Sequence

import skl2onnx
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)

from omloop.package.converter import Container, Operator, Scope, Variable
from omloop.package.label_numbers import label_numbers

OPTIONS = {"nocl": [True, False], "zipmap": [True, False, "columns"], "output_class_labels": [True, False]}


def register() -> None:
    """Teach skl2onnx both estimators; teaching it again changes nothing."""
    import catboost

    skl2onnx.update_registered_converter(
        catboost.CatBoostClassifier,
        "OmloopCatBoostClassifier",
        calculate_linear_classifier_output_shapes,
        _convert_classifier,
        parser=_parse_classifier,
        options=OPTIONS,
    )
    skl2onnx.update_registered_converter(
        catboost.CatBoostRegressor,
        "OmloopCatBoostRegressor",
        calculate_linear_regressor_output_shapes,
        _convert_regressor,
    )


def _parse_classifier(
    scope: Scope, model: object, inputs: Sequence[Variable], custom_parsers: object = None
) -> list[Variable]:
    operator = scope.declare_local_operator("OmloopCatBoostClassifier", model)
    operator.inputs.extend(inputs)
    operator.outputs.append(scope.declare_local_variable("label", Int64TensorType()))
    operator.outputs.append(scope.declare_local_variable("probabilities", FloatTensorType()))
    return operator.outputs


def _convert_regressor(scope: Scope, operator: Operator, container: Container) -> None:
    _trees(scope, operator, container, {"predictions": operator.outputs[0].full_name})


def _convert_classifier(scope: Scope, operator: Operator, container: Container) -> None:
    """CatBoost's own graph names the classes and makes a map of them; this graph does neither."""
    raw, best = scope.get_unique_variable_name("probabilities"), scope.get_unique_variable_name("best")
    label, answer = (one.full_name for one in operator.outputs)
    _trees(scope, operator, container, {"probability_tensor": raw})
    container.add_node("Identity", raw, answer, op_version=13)
    container.add_node("ArgMax", raw, best, op_version=13, axis=1, keepdims=0)
    classes = label_numbers(operator.raw_operator.classes_)
    name = scope.get_unique_variable_name("classes")
    container.add_initializer(name, TensorProto.INT64, [len(classes)], classes.tolist())
    container.add_node("Gather", [name, best], label, op_version=13)


def _trees(scope: Scope, operator: Operator, container: Container, wanted: dict[str, str]) -> None:
    """Add the nodes of CatBoost's graph that lead to the wanted answers, under names of this graph."""
    from catboost.utils import convert_to_onnx_object

    if operator.raw_operator.get_cat_feature_indices():
        raise NotImplementedError("CatBoost packages no categorical features; encode them before it")
    graph = convert_to_onnx_object(operator.raw_operator).graph
    (given,) = graph.input
    names = {given.name: operator.inputs[0].full_name, **wanted}
    for tensor in graph.initializer:
        names[tensor.name] = scope.get_unique_variable_name(tensor.name)
        container.initializers.append(tensor)
        container.initializers[-1].name = names[tensor.name]
    for node in graph.node:
        if node.op_type == "ZipMap":
            continue
        for output in node.output:
            names.setdefault(output, scope.get_unique_variable_name(output))
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
        node.name = scope.get_unique_operator_name(node.op_type)
        container.nodes.append(node)
