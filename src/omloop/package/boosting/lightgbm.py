"""LightGBM's estimators, by the converters of onnxmltools (the extra `lightgbm`)."""

import skl2onnx
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)


def register() -> None:
    """Teach skl2onnx both estimators; teaching it again changes nothing."""
    import lightgbm
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

    skl2onnx.update_registered_converter(
        lightgbm.LGBMClassifier,
        "OmloopLGBMClassifier",
        calculate_linear_classifier_output_shapes,
        convert_lightgbm,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    skl2onnx.update_registered_converter(
        lightgbm.LGBMRegressor,
        "OmloopLGBMRegressor",
        calculate_linear_regressor_output_shapes,
        convert_lightgbm,
        options={"split": None},
    )
