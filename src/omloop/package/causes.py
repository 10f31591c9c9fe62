"""Why packaging a scikit-learn model fails, or its ONNX answers differ: the known causes, in a sentence each.

It names a cause only after a failure: the table never refuses a working model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from omloop.package.sklearn.plainer import every_estimator


@dataclass(frozen=True)
class Cause:
    """An estimator's class, when it is to blame, and what to do."""

    kind: str
    when: Callable[[Any], Any]
    words: str

    def blames(self, model: object) -> bool:
        """Whether such an estimator is anywhere in the model."""
        names = {base.__name__ for base in type(model).__mro__}
        try:
            return self.kind in names and bool(self.when(model))
        except AttributeError:  # a part that was never fitted itself
            return False


def _always(_: object) -> bool:
    return True


def _is(name: str, *values: object) -> Callable[[Any], bool]:
    return lambda model: getattr(model, name, None) in values


CAUSES = (
    *(
        Cause(
            kind,
            _always,
            "It decides which label is answered, and the graph answers probabilities. Train the classifier inside it, "
            "and give the project's output its threshold: Classes(..., threshold=0.1).",
        )
        for kind in ("FixedThresholdClassifier", "TunedThresholdClassifierCV")
    ),
    Cause(
        "BaseHistGradientBoosting",
        lambda model: np.any(getattr(model, "is_categorical_", None)),
        "ONNX's trees have no splits by sets of categories, which categorical_features makes. Leave it out, or put "
        "a OneHotEncoder(handle_unknown='ignore') before it.",
    ),
    Cause(
        "TfidfVectorizer",
        _is("sublinear_tf", True),
        "skl2onnx damps counts otherwise than sublinear_tf does. Leave it out.",
    ),
    Cause(
        "CountVectorizer",
        lambda model: model.stop_words is not None and model.ngram_range != (1, 1),
        "ONNX leaves stop words out behind pairs of words, scikit-learn before. Use one of stop_words and ngram_range.",
    ),
    Cause(
        "OneHotEncoder",
        lambda model: getattr(model, "_infrequent_enabled", False),
        "skl2onnx cannot group rare words (min_frequency, max_categories). Leave both out, or group them in the data.",
    ),
    Cause(
        "OneHotEncoder",
        lambda model: any(part.dtype.kind == "f" and np.isnan(part).any() for part in model.categories_),
        "skl2onnx knows no category for absent values. Put a SimpleImputer(strategy='most_frequent') before the "
        "OneHotEncoder.",
    ),
    Cause(
        "TargetEncoder",
        _always,
        "skl2onnx encodes targets of two classes alone, and rounds those of a number. Use a "
        "OneHotEncoder(handle_unknown='ignore').",
    ),
    Cause("KNNImputer", _always, "skl2onnx's KNNImputer fails where values are absent (1.20). Use a SimpleImputer."),
    Cause(
        "CalibratedClassifierCV",
        _is("method", "isotonic", "temperature"),
        "Calibrate with method='sigmoid': skl2onnx interpolates no isotonic steps and knows no temperature.",
    ),
    Cause(
        "CalibratedClassifierCV",
        lambda model: hasattr(model.estimator, "steps"),
        "skl2onnx calibrates a classifier, not a pipeline. Put the preparation outside: "
        "make_pipeline(preparation, CalibratedClassifierCV(classifier)).",
    ),
    Cause(
        "NuSVC", _always, "ONNX computes its probabilities in float32: choose SVC, or CalibratedClassifierCV around it."
    ),
    Cause("SVC", _always, "ONNX computes its probabilities in float32: choose CalibratedClassifierCV around it."),
    Cause(
        "KNeighborsMixin",
        lambda model: getattr(model, "weights", None) == "distance",
        "Weights by distance are infinite where a row lies on a training row, and float32 decides otherwise which do. "
        "Use weights='uniform'.",
    ),
    Cause(
        "KNeighborsMixin",
        _always,
        "Neighbours at nearly the same distance change places in float32. Use fewer columns, or trees.",
    ),
    Cause(
        "QuantileTransformer",
        _is("output_distribution", "normal"),
        "skl2onnx knows its uniform distribution alone. Use output_distribution='uniform', or a PowerTransformer.",
    ),
    Cause(
        "GaussianProcessRegressor",
        _always,
        "A Gaussian process is packaged in float64, in which ONNX Runtime lacks steps such as SimpleImputer. Prepare "
        "the data before training, or choose another model.",
    ),
)
"""The first that blames is told."""

SAID = (
    (
        "Unexpect rank=0",
        "skl2onnx wants a ColumnTransformer first. Put what is before it inside, a pipeline for each group of columns.",
    ),
)
"""A text that skl2onnx says, and the sentence that helps."""


def known_cause(model: object, said: str = "") -> str:
    """The remedy for a problem with `model`, of which a library `said` something; empty if there is no known cause."""
    for text, words in SAID:
        if text in said:
            return words
    estimators = list(every_estimator(model))
    return next((cause.words for cause in CAUSES if any(cause.blames(one) for one in estimators)), "")
