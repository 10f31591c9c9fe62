"""XGBoost's estimators, by the converters of onnxmltools (the extra `xgboost`)."""

import skl2onnx
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)


def register() -> None:
    """Teach skl2onnx its estimators; teaching it again changes nothing."""
    import xgboost
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost

    for kind in (xgboost.XGBClassifier, xgboost.XGBRFClassifier):
        skl2onnx.update_registered_converter(
            kind,
            f"Omloop{kind.__name__}",
            calculate_linear_classifier_output_shapes,
            convert_xgboost,
            options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
        )
    for kind in (xgboost.XGBRegressor, xgboost.XGBRFRegressor):
        skl2onnx.update_registered_converter(
            kind, f"Omloop{kind.__name__}", calculate_linear_regressor_output_shapes, convert_xgboost
        )
