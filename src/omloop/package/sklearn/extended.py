"""skl2onnx's converters, put right where they drop part of what an estimator does."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from onnx import TensorProto, helper
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import (
    get_converter,
    get_shape_calculator,
    register_converter,
    register_shape_calculator,
)
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from omloop.package.converter import Container, Operator, Scope
from omloop.package.float32 import rounded_down

FORESTS = (ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor)
TREES = (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)


class ConverterOutput(NamedTuple):
    """What a converter made: the name of its first answer, and its nodes."""

    first: str
    nodes: Sequence[Any]


Extend = Callable[[Scope, Operator, Container, "ConverterOutput"], None]


def register() -> None:
    """Put the converters right; doing it again changes nothing."""
    for kind in (*FORESTS, *TREES):
        _extend(kind, _absent_values_go_where_trees_send_them)
    _extend(HistGradientBoostingRegressor, _answer_behind_the_link, model=_compared_in_float32)
    _extend(HistGradientBoostingClassifier, _as_made, model=_compared_in_float32)
    _extend(OneHotEncoder, _refuse_grouped_words)
    _extend(SimpleImputer, _say_what_was_absent, shape=_wider_by_the_indicator)


def _extend(
    kind: type,
    extend: Extend,
    *,
    shape: Callable[[Operator], None] | None = None,
    model: Callable[[Any], Any] = lambda model: model,
) -> None:
    """Let `extend` go on from what the converter of `kind` made of `model(estimator)`."""
    alias = sklearn_operator_name_map[kind]
    original = get_converter(alias)
    if getattr(original._fct, "extended", False):
        return

    def convert(scope: Scope, operator: Operator, container: Container) -> None:
        answer: Any = operator.outputs[0]  # whose name is private to skl2onnx
        name, before = answer.full_name, len(container.nodes)
        answer._onnx_name = scope.get_unique_variable_name("first")
        operator.raw_operator = model(operator.raw_operator)
        original._fct(scope, operator, container)
        first, answer._onnx_name = answer.full_name, name
        extend(scope, operator, container, ConverterOutput(first, container.nodes[before:]))

    convert.extended = True  # type: ignore[attr-defined]
    register_converter(alias, convert, overwrite=True, options=original.get_allowed_options())
    if shape is not None:
        calculate = get_shape_calculator(alias)

        def both(operator: Operator) -> None:
            calculate(operator)
            shape(operator)

        register_shape_calculator(alias, both, overwrite=True)


def _absent_values_go_where_trees_send_them(
    scope: Scope, operator: Operator, container: Container, made: ConverterOutput
) -> None:
    """Trees learn for each split where an absent value goes; skl2onnx sends it to the right (1.20)."""
    model = operator.raw_operator
    trees = [one.tree_ for one in np.ravel(getattr(model, "estimators_", [model]))]
    for node in made.nodes:
        if not node.op_type.startswith("TreeEnsemble"):
            continue
        found = {attribute.name: attribute for attribute in node.attribute}
        places = zip(
            found["nodes_treeids"].ints, found["nodes_nodeids"].ints, found["nodes_modes"].strings, strict=True
        )
        left = [int(mode != b"LEAF" and trees[tree].missing_go_to_left[place]) for tree, place, mode in places]
        node.attribute.remove(found["nodes_missing_value_tracks_true"])
        node.attribute.append(helper.make_attribute("nodes_missing_value_tracks_true", left, attr_type=7))
    container.add_node("Identity", made.first, operator.outputs[0].full_name, op_version=13)


def _compared_in_float32(model: Any) -> Any:
    """The same histogram gradient boosting with thresholds that float32 holds; skl2onnx rounds to the nearest."""
    same = copy(model)
    same._predictors = [[_tree_in_float32(tree) for tree in trees] for trees in model._predictors]
    return same


def _tree_in_float32(tree: Any) -> Any:
    same = copy(tree)
    same.nodes = tree.nodes.copy()
    same.nodes["num_threshold"] = rounded_down(tree.nodes["num_threshold"])
    return same


def _as_made(scope: Scope, operator: Operator, container: Container, made: ConverterOutput) -> None:
    """Nothing more."""
    container.add_node("Identity", made.first, operator.outputs[0].full_name, op_version=13)


def _answer_behind_the_link(scope: Scope, operator: Operator, container: Container, made: ConverterOutput) -> None:
    """Poisson and gamma losses learn a logarithm; skl2onnx answers that (1.20)."""
    linked = "Log" in type(operator.raw_operator._loss.link).__name__
    container.add_node("Exp" if linked else "Identity", made.first, operator.outputs[0].full_name, op_version=13)


def _refuse_grouped_words(scope: Scope, operator: Operator, container: Container, made: ConverterOutput) -> None:
    """Words that training met seldom share a column; skl2onnx lets some of them through without one (1.20)."""
    if any(group is not None for group in getattr(operator.raw_operator, "infrequent_categories_", [])):
        raise NotImplementedError("rare words share a column")
    container.add_node("Identity", made.first, operator.outputs[0].full_name, op_version=13)


def _wider_by_the_indicator(operator: Operator) -> None:
    imputer = operator.raw_operator
    if imputer.add_indicator:
        rows, width = operator.outputs[0].type.shape
        operator.outputs[0].type.shape = [rows, width + len(imputer.indicator_.features_)]


def _say_what_was_absent(scope: Scope, operator: Operator, container: Container, made: ConverterOutput) -> None:
    """With `add_indicator` a column for each that had absent values follows; skl2onnx leaves them out (1.20)."""
    imputer, answer = operator.raw_operator, operator.outputs[0].full_name
    if not imputer.add_indicator:
        container.add_node("Identity", made.first, answer, op_version=13)
        return
    if len(operator.inputs) != 1 or not np.isnan(imputer.missing_values):
        raise NotImplementedError("add_indicator is known for absent values of one matrix alone")
    shown = absent(scope, container, operator.inputs[0].full_name, imputer.indicator_.features_)
    container.add_node("Concat", [made.first, shown], answer, op_version=13, axis=1)


def absent(scope: Scope, container: Container, rows: str, columns: Sequence[int]) -> str:
    """The name of 1.0 where a value of the columns is absent, else 0.0."""
    names = {word: scope.get_unique_variable_name(word) for word in ("columns", "chosen", "absent", "shown")}
    container.add_initializer(names["columns"], TensorProto.INT64, [len(columns)], [int(one) for one in columns])
    container.add_node("Gather", [rows, names["columns"]], names["chosen"], op_version=13, axis=1)
    container.add_node("IsNaN", names["chosen"], names["absent"], op_version=13)
    container.add_node("Cast", names["absent"], names["shown"], op_version=13, to=TensorProto.FLOAT)
    return str(names["shown"])
