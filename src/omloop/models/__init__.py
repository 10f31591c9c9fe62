"""The catalogue of models: what a project chooses from, by name and with options.

>>> from omloop import models
>>> models.boosting(leaves=3).config().leaves
3
>>> sorted(models.for_texts())
['bag_of_words', 'baseline', 'embeddings', 'fine_tune']
"""

from omloop.train.catalogue.catalogue import (
    bag_of_words,
    baseline,
    blend,
    boosting,
    catboost,
    cnn,
    efficientnet,
    embeddings,
    fine_tune,
    for_pictures,
    for_tables,
    for_texts,
    forest,
    lightgbm,
    linear,
    mlp,
    pca_linear,
    resnet,
    svm,
    xgboost,
)
from omloop.train.catalogue.pictures import picture_side

__all__ = [
    "bag_of_words",
    "baseline",
    "blend",
    "boosting",
    "catboost",
    "cnn",
    "efficientnet",
    "embeddings",
    "fine_tune",
    "for_pictures",
    "for_tables",
    "for_texts",
    "forest",
    "lightgbm",
    "linear",
    "mlp",
    "pca_linear",
    "picture_side",
    "resnet",
    "svm",
    "xgboost",
]
