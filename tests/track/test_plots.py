import numpy as np
import pytest

from omloop.core import Estimate
from omloop.evaluate import metric
from omloop.kinds import Classes, Number
from omloop.track import (
    PLOTS,
    embedding_map,
    importance,
    loss_curve,
    neighbour_map,
    stress_curves,
    threshold_curve,
)

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


@pytest.mark.parametrize("name", Classes("mood", ("sad", "happy")).plots)
def test_one_true_class_alone_and_many_classes_are_drawn_too(name: str) -> None:
    about = Classes("mood", ("sad", "happy"), threshold=0.2)
    assert PLOTS[name](np.zeros(9, int), DRAW.dirichlet([1, 1], 9), about).startswith(PNG)
    many = Classes("mood", tuple(f"m{place}" for place in range(25)))
    assert PLOTS[name](DRAW.integers(0, 20, 60), DRAW.dirichlet(np.ones(25), 60), many).startswith(PNG)


def test_the_areas_in_the_legends_are_those_of_the_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, given = DRAW.integers(0, 2, 200), DRAW.random(200).round(2)
    outputs, about, told = np.column_stack([1 - given, given]), Classes("mood", ("sad", "happy")), []
    monkeypatch.setattr("omloop.track.fit_plots._label", lambda text: told.append(text) or text)
    for name, area in (("roc", "roc_auc"), ("precision_recall", "pr_auc")):
        PLOTS[name](truth, outputs, about)
        assert told[-1] == f"happy (area {metric(area, about)(truth, outputs):.3f})"


def test_a_threshold_curve_is_a_picture_also_where_a_score_is_not_defined() -> None:
    scores = [np.nan, 0.5, 0.7]
    drawn = threshold_curve([0.1, 0.5, 0.9], scores, metric="cost", about="yes", now=0.5, best=0.9, part="validation")
    assert drawn.startswith(PNG)


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


def test_neighbours_are_mapped_for_some_of_many_examples() -> None:
    places, rows = neighbour_map(np.repeat(np.eye(2), [20, 30], axis=0) * 9 + DRAW.normal(size=(50, 2)), seed=0)
    assert places.shape == (50, 2) and rows.tolist() == list(range(50))
    assert embedding_map(places, ["a"] * 50, "t-SNE").startswith(PNG)
