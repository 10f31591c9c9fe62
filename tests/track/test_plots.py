import numpy as np
import pytest

from omloop.bundle import Classes, Number
from omloop.core import Estimate
from omloop.track import PLOTS, embedding_map, importance, loss_curve, stress_curves

DRAW = np.random.default_rng(0)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", Number("score").plots)
def test_every_plot_of_a_number_is_a_picture(name: str) -> None:
    truth, outputs = DRAW.normal(size=(2, 40))
    assert PLOTS[name](truth, outputs, Number("score", unit="points")).startswith(PNG)


@pytest.mark.parametrize("name", Classes("mood", ("sad", "happy")).plots)
def test_every_plot_of_classes_is_a_picture(name: str) -> None:
    truth, outputs = DRAW.integers(0, 2, 40), DRAW.dirichlet([1, 1], 40)
    assert PLOTS[name](truth, outputs, Classes("mood", ("sad", "happy"))).startswith(PNG)


def test_loss_and_importance_are_pictures() -> None:
    assert loss_curve({"train_loss": [3, 2, 1], "validation_loss": [3, 2.5, 2]}).startswith(PNG)
    assert importance({"hours": Estimate(0.5, 0.4, 0.6), "age": Estimate(0.0, 0.0, 0.0)}, "r2").startswith(PNG)


@pytest.mark.parametrize("classes", [2, 12, 40])
def test_a_map_of_what_the_model_sees_is_a_picture(classes: int) -> None:
    """Few classes have a legend, many only their colours."""
    groups = [f"class {index % classes}" for index in range(80)]
    assert embedding_map(DRAW.normal(size=(80, 8)), groups).startswith(PNG)


def test_a_class_that_is_never_answered_has_scores_too() -> None:
    about = Classes("mood", ("sad", "happy", "angry"))
    assert PLOTS["per_class"](np.array([0, 1]), np.array([[1.0, 0, 0], [0, 1.0, 0]]), about).startswith(PNG)


def test_a_corruption_to_which_nothing_was_answered_is_left_out_of_its_plot() -> None:
    curves = {"noise": [(0.0, 0.9, 0.8, 1.0), (1.0, 0.5, 0.4, 0.6)], "units": []}
    assert stress_curves(curves, "accuracy").startswith(PNG)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["$\\frac$", "_x", "$a", "温度", "a^b_c"])
def test_a_name_that_a_user_gave_is_drawn_as_it_stands(name: str) -> None:
    about = Classes("mood", (name, "happy"))
    for plot in about.plots:
        assert PLOTS[plot](np.array([0, 1]), np.eye(2), about).startswith(PNG)
    assert importance({name: Estimate(0.5, 0.4, 0.6)}, name).startswith(PNG)
    assert embedding_map(DRAW.normal(size=(9, 2)), [name] * 9).startswith(PNG)
    assert stress_curves({name: [(0.1, 0.9, 0.8, 1.0)]}, name).startswith(PNG)
