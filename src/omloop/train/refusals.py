"""Advice for a scikit-learn estimator that fails to fit or to answer, in a sentence for each known case."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from omloop.core import NumberArray, TrainError, did_you_mean, some

MATRIX = "A table reaches the model as a matrix of numbers, in the order of its columns, without names."
HELPS = (
    (
        "unknown categor",
        "Its columns accept words that training did not meet. Give the encoder OneHotEncoder(handle_unknown='ignore'), "
        "or OrdinalEncoder(handle_unknown='use_encoded_value', unknown_value=-1).",
    ),
    (
        "has no attribute 'lower'",
        "It reads texts, and a table is a matrix of numbers. Read texts with the input kind `Text`.",
    ),
    (
        "make_column_selector can only be applied",
        f"{MATRIX} Give the ColumnTransformer the columns' names or places instead of a selector.",
    ),
    (
        "only supported for dataframes",
        f"{MATRIX} Columns by name are known in a ColumnTransformer that comes first; elsewhere give their places.",
    ),
    ("feature_names_in_", f"{MATRIX} Leave set_output(transform='pandas') out."),
    ("Pandas output", f"{MATRIX} Leave set_output(transform='pandas') out."),
    ("Only binary classification is supported", "Choose an estimator for several classes."),
)
"""A part of what an estimator says, and what helps against it."""


def helps(error: Exception, matrix: NumberArray, fields: Sequence[str]) -> str:
    """What helps against an estimator's error on a matrix, whose columns have these names."""
    said = str(error)
    if "NaN" in said or "missing values" in said:
        absent = [fields[place] for place in np.flatnonzero(np.isnan(matrix[:, : len(fields)]).any(axis=0)).tolist()]
        of = f" of {some(absent, most=5)}" if absent else ""
        return (
            f"Values{of} are absent. Put a SimpleImputer before it, or choose an estimator that bears them, such as "
            "HistGradientBoostingClassifier, or a model of omloop.models: all of those do."
        )
    return next((words for text, words in HELPS if text in said), "Check the model's values, model.NAME=VALUE.")


def by_place(estimator: Any, fields: Sequence[str]) -> None:
    """Let a ColumnTransformer that comes first, and names columns, name their places: a matrix has no names.

    Raises TrainError for a name that is no column.
    """
    steps = getattr(estimator, "steps", None)
    first = steps[0][1] if steps else estimator
    if type(first).__name__ != "ColumnTransformer":
        return
    places = {name: place for place, name in enumerate(fields)}

    def placed(label: str, columns: object) -> object:
        names = [columns] if isinstance(columns, str) else columns
        if not isinstance(names, list | tuple) or not any(isinstance(name, str) for name in names):
            return columns
        for name in names:
            if name not in places:
                near = did_you_mean(str(name), fields)
                raise TrainError(f"'{label}' of the ColumnTransformer names '{name}', which is no column.{near}")
        return [places[name] for name in names]

    first.transformers = [(label, step, placed(label, columns)) for label, step, columns in first.transformers]
