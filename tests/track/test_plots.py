import numpy as np
import pytest

from omloop.bundle import Classes, Number
from omloop.track import PLOTS, importance, loss_curve

DRAW = np.random.default_rng(0)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", Number("score").plots)
def test_every_plot_of_a_number_is_a_picture(name: str) -> None:
    truth, outputs = DRAW.normal(size=(2, 40))
    assert PLOTS[name](truth, outputs, Number("score", unit="points").describe()).startswith(PNG)


@pytest.mark.parametrize("name", Classes("mood", ("sad", "happy")).plots)
def test_every_plot_of_classes_is_a_picture(name: str) -> None:
    truth, outputs = DRAW.integers(0, 2, 40), DRAW.dirichlet([1, 1], 40)
    assert PLOTS[name](truth, outputs, Classes("mood", ("sad", "happy")).describe()).startswith(PNG)


def test_loss_and_importance_are_pictures() -> None:
    assert loss_curve({"train_loss": [3, 2, 1], "validation_loss": [3, 2.5, 2]}).startswith(PNG)
    assert importance({"hours": 0.5, "age": 0.0}, "r2").startswith(PNG)
