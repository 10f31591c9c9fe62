"""A model of the catalogue with other defaults, and what is no option of it."""

from typing import Any

import pytest

from omloop import ConfigError, Model, models


def test_options_become_the_defaults_of_the_configuration() -> None:
    config = models.mlp(hidden=(8, 4), lr=1).config()
    assert (config.hidden, config.lr, config.epochs, config.name) == ([8, 4], 1.0, 60, "mlp")
    assert models.mlp().config().hidden == [64, 32]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"penaltys": [1.0]}, "no option 'penaltys'. Did you mean 'penalties'?"),
        ({"knots": "4"}, "knots='4'.* is no int"),
        ({"knots": True}, "is no int"),
        ({"name": "mine"}, "no option 'name'"),
    ],
)
def test_what_is_no_option_or_no_value_of_it_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        models.linear(**options)


@pytest.mark.parametrize("every", [models.for_tables, models.for_pictures, models.for_texts])
def test_each_model_of_a_kind_goes_by_its_own_name(every: Any) -> None:
    found = every()
    assert {name: model.config().name for name, model in found.items()} == {name: name for name in found}
    assert next(iter(found)) == "baseline" and all(isinstance(model, Model) for model in found.values())
