"""XGBoost, LightGBM and CatBoost: which adapter teaches skl2onnx their estimators."""

import importlib
from typing import Any

from omloop.core import MissingExtraError
from omloop.package.sklearn.plainer import every_estimator

LIBRARIES = ("xgboost", "lightgbm", "catboost")


def register_boosting(model: Any) -> None:
    """Teach skl2onnx the boosting libraries whose estimators are in `model`.

    Raises MissingExtraError that names the extra if their converters are not installed.
    """
    for name in {type(one).__module__.partition(".")[0] for one in every_estimator(model)}.intersection(LIBRARIES):
        try:
            importlib.import_module(f"omloop.package.boosting.{name}").register()
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"Packaging an estimator of {name}", error.name or name, name) from error
