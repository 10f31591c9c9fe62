"""Options that take a word of a few, or a number within limits."""

from typing import Any

import pytest

from omloop import models
from omloop.core import ConfigError


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        (models.mlp, {"optimiser": "sdg"}, "model.optimiser=sdg is not known. Did you mean 'sgd'"),
        (models.cnn, {"schedule": "cosin"}, "Did you mean 'cosine'.* There are: constant, cosine, one_cycle, plateau"),
        (models.embeddings, {"dropout": 1.0}, "model.dropout=1 does not fit: .* from 0 on and less than 1"),
        (models.fine_tune, {"epochs": 0}, "model.epochs=0 does not fit: it must be a number from 1 on"),
        (models.resnet, {"frozen": True}, "model.frozen=true .* needs weights to begin from"),
        (models.efficientnet, {"variant": "b8"}, "model.variant=b8 is not known"),
        (models.efficientnet, {"size": "224"}, "model.size=224 is not known. There are: given, own"),
        (models.svm, {"gamma": "wide"}, "model.gamma=wide does not fit: it is scale, auto, or a number above 0"),
        (models.svm, {"c": 0.0}, "model.c=0 does not fit"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_value_that_does_not_fit_is_told_what_does(model: Any, options: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as refused:
        model(**options)
    assert refused.value.key == f"model.{next(iter(options))}"


def test_a_number_and_a_word_both_are_a_gamma() -> None:
    assert [models.svm(gamma=one).config().gamma for one in (0.01, "auto")] == [0.01, "auto"]


@pytest.mark.parametrize("model", [models.mlp, models.cnn, models.resnet, models.efficientnet, models.fine_tune])
def test_every_network_takes_what_all_networks_take(model: Any) -> None:
    """Under a default of its own an option still knows its words."""
    told = {"optimiser": "sgd", "momentum": 0.5, "schedule": "step", "dropout": 0.2, "weight_decay": 0.1, "devices": 2}
    config = model(**told).config
    assert {name: getattr(config(), name) for name in told} == told
    with pytest.raises(ConfigError, match="Did you mean 'adamw'"):
        config(optimiser="adamww")
