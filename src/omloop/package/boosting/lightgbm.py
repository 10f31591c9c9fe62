"""LightGBM's estimators, by the converters of onnxmltools (the extra `lightgbm`)."""

import copy
from typing import Any

import numpy as np
import skl2onnx
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)

from omloop.package.float32 import rounded_down


def register() -> None:
    """Teach skl2onnx both estimators; teaching it again changes nothing."""
    import lightgbm

    skl2onnx.update_registered_converter(
        lightgbm.LGBMClassifier,
        "OmloopLGBMClassifier",
        calculate_linear_classifier_output_shapes,
        _convert,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    skl2onnx.update_registered_converter(
        lightgbm.LGBMRegressor,
        "OmloopLGBMRegressor",
        calculate_linear_regressor_output_shapes,
        _convert,
        options={"split": None},
    )


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """The converter of onnxmltools, of a model whose thresholds are float32 already: it would round to the nearest."""
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

    operator.raw_operator = compared_in_float32(operator.raw_operator)
    convert_lightgbm(scope, operator, container)


def compared_in_float32(model: Any) -> Any:
    """The same estimator with thresholds that float32 holds."""
    import lightgbm

    lines = model.booster_.model_to_string(num_iteration=-1).split("\n")
    # Without the sizes of the trees' texts, which change, it reads them one by one.
    rounded = [_in_float32(line) for line in lines if not line.startswith("tree_sizes=")]
    same = copy.copy(model)
    same._Booster = lightgbm.Booster(model_str="\n".join(rounded))
    same._Booster.best_iteration = model.booster_.best_iteration
    return same


def _in_float32(line: str) -> str:
    """A line of a model's text, where it tells the thresholds of a tree with these rounded down."""
    name, _, numbers = line.partition("=")
    if name != "threshold":
        return line
    return f"{name}={' '.join(map(repr, rounded_down(np.array(numbers.split(), np.float64)).tolist()))}"
