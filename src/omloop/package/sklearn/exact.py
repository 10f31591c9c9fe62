"""Scalers of scikit-learn in float64, as they compute on a data frame: trees behind them see the same float32 then.

skl2onnx scales in float32, which is right where an estimator learned from float32. Otherwise the last bit moves a
value on a tree's threshold to the other side. For example, 3.2 is such a value if the tree learned from 3.1 and 3.3. So
the graph also brings a row back to the decimal numbers that it came from.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType

from omloop.package.converter import Container, Operator, Scope

Step = tuple[str, Any]

HALF = 2.0**-24
"""How far float32 may be from a number that it stands for, as a share of it."""
DECIMALS = (4, 3, 2, 1, 0)


def as_written(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Float32 numbers as somebody wrote them, if they have four decimals at most; the others as they are.

    >>> as_written(np.array([np.float32(3.2), np.float32(1 / 3)], np.float64)).tolist()
    [3.2, 0.3333333432674408]
    """
    found = values
    for decimals in DECIMALS:
        rounded = np.rint(values * 10.0**decimals) / 10.0**decimals
        found = np.where(np.abs(rounded - values) <= HALF * np.abs(values), rounded, found)
    return found


def converters() -> tuple[dict[type, Any], dict[type, Any]]:
    """The conversion functions and the shapes for skl2onnx, by class."""
    from sklearn import preprocessing

    kinds = [getattr(preprocessing, name) for name in STEPS]
    return dict.fromkeys(kinds, _convert), dict.fromkeys(kinds, _as_wide)


def _standard(scaler: Any) -> list[Step]:
    return [("Sub", scaler.mean_ if scaler.with_mean else None), ("Div", scaler.scale_)]


def _min_max(scaler: Any) -> list[Step]:
    low, high = scaler.feature_range if scaler.clip else (None, None)
    return [("Mul", scaler.scale_), ("Add", scaler.min_), ("Max", low), ("Min", high)]


def _max_abs(scaler: Any) -> list[Step]:
    return [("Div", scaler.scale_)]


def _robust(scaler: Any) -> list[Step]:
    centre = scaler.center_ if scaler.with_centering else None
    return [("Sub", centre), ("Div", scaler.scale_ if scaler.with_scaling else None)]


STEPS = {"StandardScaler": _standard, "MinMaxScaler": _min_max, "MaxAbsScaler": _max_abs, "RobustScaler": _robust}
"""By class what is done to a value, one operator after the other; None does nothing."""


def _as_wide(operator: Operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, sum(one.type.shape[1] for one in operator.inputs)])


def _convert(scope: Scope, operator: Operator, container: Container) -> None:
    # Where and LessOrEqual are newer than the others; skl2onnx wants to know.
    def add(kind: str, inputs: list[str], **attributes: object) -> str:
        name = scope.get_unique_variable_name(kind.lower())
        container.add_node(kind, inputs, name, op_version=16 if kind in ("Where", "LessOrEqual") else 13, **attributes)
        return name

    def constant(values: Any) -> str:
        exact = np.atleast_1d(np.asarray(values, np.float64))
        name = scope.get_unique_variable_name("exact")
        container.add_initializer(name, TensorProto.DOUBLE, exact.shape, exact.tolist())
        return name

    columns = [add("Cast", [one.full_name], to=TensorProto.DOUBLE) for one in operator.inputs]
    rows = columns[0] if len(columns) == 1 else add("Concat", columns, axis=1)
    rows = _as_written(add, constant, rows)
    scaler = operator.raw_operator
    for kind, values in STEPS[type(scaler).__name__](scaler):
        if values is not None:
            rows = add(kind, [rows, constant(values)])
    container.add_node("Cast", rows, operator.outputs[0].full_name, op_version=13, to=TensorProto.FLOAT)


def _as_written(add: Callable[..., str], constant: Callable[[float], str], rows: str) -> str:
    """The nodes of `as_written`."""
    found, near = rows, add("Mul", [add("Abs", [rows]), constant(HALF)])
    for decimals in DECIMALS:
        power = constant(10.0**decimals)
        rounded = add("Div", [add("Round", [add("Mul", [rows, power])]), power])
        far = add("Abs", [add("Sub", [rounded, rows])])
        found = add("Where", [add("LessOrEqual", [far, near]), rounded, found])
    return found
