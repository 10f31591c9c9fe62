"""What a sweep may try, as it is written."""

import pytest

from omloop.core import ConfigError
from omloop.sweep import Choices, Range, read_parameter, read_space


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("log:1e-4,1e-1", Range(1e-4, 1e-1, log=True)),
        ("uniform:0,0.5,0.1", Range(0, 0.5, step=0.1)),
        ("int:2,64", Range(2, 64, whole=True)),
        ("logint:8,512", Range(8, 512, whole=True, log=True)),
        ("32,64,32", Choices(("32", "64"))),
        ("[64,32],[16]", Choices(("[64,32]", "[16]"))),
        ("'a,b',c", Choices(("'a,b'", "c"))),
        ("0.1", None),
        ("[64,32]", None),
        ("file:///a,b", Choices(("file:///a", "b"))),
    ],
)
def test_a_word_is_a_range_a_list_or_one_value(text: str, wanted: object) -> None:
    assert read_parameter("model.lr", text) == wanted


@pytest.mark.parametrize(
    "text", ["log:0,1", "log:1,1e-3", "int:1.5,3", "uniform:0", "uniform:0,inf", "a,,b", "lgo:1,2"]
)
def test_a_range_that_holds_nothing_is_refused_with_what_would_work(text: str) -> None:
    with pytest.raises(ConfigError, match="range|list") as refused:
        read_parameter("model.lr", text)
    assert refused.value.key == "model.lr" and "model.lr" in str(refused.value)


def test_a_parameter_of_one_model_needs_a_trial_that_has_the_model() -> None:
    space = read_space(["model=mlp,linear", "mlp.lr=log:1e-4,1"]).of_models(["mlp", "linear"])
    assert space.applies("mlp.lr", {"model": "mlp"}) and not space.applies("mlp.lr", {"model": "linear"})
    with pytest.raises(ConfigError, match=r"or write model\.lr"):
        read_space(["mlp.lr=log:1e-4,1"]).of_models(["mlp"])


def test_nothing_is_varied_twice() -> None:
    with pytest.raises(ConfigError, match="varied twice"):
        read_space(["seed=1,2", "seed=3,4"])
