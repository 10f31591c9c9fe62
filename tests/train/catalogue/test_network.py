"""What networks of the catalogue tell their training."""

import pytest

from omloop.train.catalogue.mlp import Mlp
from omloop.train.catalogue.network import fitting


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_a_weight_decay_that_was_made_for_adamw_is_no_other_optimisers(optimiser: str) -> None:
    assert fitting(Mlp())["weight_decay"] == 1.0
    assert fitting(Mlp(optimiser=optimiser))["weight_decay"] == 0.0
    assert fitting(Mlp(optimiser=optimiser, weight_decay=1e-4))["weight_decay"] == 1e-4
