"""The catalogue: models that a project chooses from by name.

Each function gives a `Model` with the given options as its configuration's defaults: `boosting(leaves=3)`. It imports
nothing heavy before training.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from omloop.core import Fitted, Job, Model
from omloop.train.catalogue import pictures, texts
from omloop.train.catalogue.baseline import Baseline, fit_baseline
from omloop.train.catalogue.blend import Blend, fit_blend
from omloop.train.catalogue.boosting import Boosting, fit_boosting
from omloop.train.catalogue.configured import configured
from omloop.train.catalogue.forest import Forest, fit_forest
from omloop.train.catalogue.libraries import CatBoost, LightGbm, XgBoost, fit_catboost, fit_lightgbm, fit_xgboost
from omloop.train.catalogue.linear import Linear, fit_linear
from omloop.train.catalogue.mlp import Mlp, fit_mlp
from omloop.train.catalogue.svm import Svm, fit_svm


def baseline() -> Model:
    """The mean, or the shares of the classes, whatever the input: the baseline that every model must beat."""
    return configured(Baseline, fit_baseline, {}, needs_validation=False)


def linear(**options: object) -> Model:
    """A table's linear model: a weight a number and a word."""
    return configured(Linear, fit_linear, options, needs_validation=False)


def boosting(**options: object) -> Model:
    """A table's boosted trees; the one to take first."""
    return configured(Boosting, fit_boosting, options, needs_validation=False)


def forest(**options: object) -> Model:
    """A table's forest of random trees."""
    return configured(Forest, fit_forest, options, needs_validation=False)


def blend(**options: object) -> Model:
    """The mean of a table's `boosting`, `linear` and `forest`: mostly the best of all with few rows."""
    return configured(Blend, fit_blend, options, needs_validation=False)


def mlp(**options: object) -> Model:
    """A table's network of fully connected layers; needs the extra `torch`."""
    return configured(Mlp, fit_mlp, options, "torch")


def lightgbm(**options: object) -> Model:
    """A table's trees by LightGBM; needs the extra `lightgbm`."""
    return configured(LightGbm, fit_lightgbm, options, "lightgbm")


def xgboost(**options: object) -> Model:
    """A table's trees by XGBoost; needs the extra `xgboost`."""
    return configured(XgBoost, fit_xgboost, options, "xgboost")


def catboost(**options: object) -> Model:
    """A table's trees by CatBoost; needs the extra `catboost`."""
    return configured(CatBoost, fit_catboost, options, "catboost")


def pca_linear(**options: object) -> Model:
    """A linear model of a picture's principal components: what can be had in seconds."""
    return configured(pictures.PcaLinear, pictures.fit_pca_linear, options, needs_validation=False)


def svm(**options: object) -> Model:
    """A support vector machine of a table, or of a picture's principal components."""
    return configured(Svm, fit_svm, options, needs_validation=False)


def cnn(**options: object) -> Model:
    """A plain convolutional network of pictures; needs the extra `torch`."""
    return _network(pictures.Cnn, pictures.fit_cnn, options)


def resnet(**options: object) -> Model:
    """A residual network of pictures, from scratch or from weights; needs the extra `torch`."""
    return _network(pictures.ResNet, pictures.fit_resnet, options)


def efficientnet(**options: object) -> Model:
    """An EfficientNet of pictures, from scratch or from weights; needs the extra `torch`."""
    return _network(pictures.EfficientNet, pictures.fit_efficientnet, options)


def bag_of_words(**options: object) -> Model:
    """A linear model of a text's words and pairs of words."""
    return configured(texts.BagOfWords, texts.fit_bag_of_words, options, needs_validation=False)


def embeddings(**options: object) -> Model:
    """A small network on what an encoder of texts answers; needs the extra `torch`."""
    return replace(configured(texts.Embeddings, texts.fit_embeddings, options, "torch"), serves="text")


def fine_tune(**options: object) -> Model:
    """An encoder of texts trained on; needs the extra `torch`."""
    return replace(configured(texts.FineTune, texts.fit_fine_tune, options, "torch"), serves="text")


def for_tables(*, balance: float | None = None) -> Mapping[str, Model]:
    """Every model of tables, by name. `model=best` also tries those of installed extras.

    `balance` weighs rare classes up in all of them, from 0 to 1; at 1 all classes count alike.
    """
    told = _balance(balance)
    always = {"linear": linear(**told), "boosting": boosting(**told), "forest": forest(**told), "blend": blend(**told)}
    extras = {
        "mlp": mlp(**told),
        "lightgbm": lightgbm(**told),
        "xgboost": xgboost(**told),
        "catboost": catboost(**told),
    }
    asked = _tried({"svm": svm(**told)}, "asked")
    return {"baseline": baseline(), **always, **_tried(extras, "installed"), **asked}


def for_pictures(*, balance: float | None = None) -> Mapping[str, Model]:
    """Every model of pictures, by name. `model=best` tries no large network: they pay with weights to begin from.

    `balance` is that of the networks; see `for_tables`.
    """
    told = _balance(balance)
    tried = {"baseline": baseline(), "pca_linear": pca_linear(), **_tried({"cnn": cnn(**told)}, "installed")}
    return {**tried, **_tried({"svm": svm(), "resnet": resnet(**told), "efficientnet": efficientnet(**told)}, "asked")}


def for_texts() -> Mapping[str, Model]:
    """Every model of texts, by name. `model=best` tries none with an encoder, because that needs a download."""
    tried = {"baseline": baseline(), "bag_of_words": bag_of_words()}
    return {**tried, **_tried({"embeddings": embeddings(), "fine_tune": fine_tune()}, "asked")}


def _balance(balance: float | None) -> dict[str, object]:
    return {} if balance is None else {"balance": balance}


def _tried(models: Mapping[str, Model], best: str) -> dict[str, Model]:
    return {name: replace(model, best=best) for name, model in models.items()}


def _network(
    config: type[pictures.PictureNetwork], fit: Callable[[Job[Any, Any]], Fitted], options: Mapping[str, object]
) -> Model:
    return configured(config, fit, options, "torch", needs_validation=pictures.stops_by_validation)
