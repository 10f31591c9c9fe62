import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from omloop.core import ConfigError, UnknownNameError, higher_is_better, lower_is_better
from omloop.evaluate import metric
from omloop.kinds import Classes, Number

SCORE = Number("score")
SEASON = Classes("season", ("spring", "summer", "autumn", "winter"))
STATE = Classes("state", ("well", "ill"))
NUMBERS = {
    "r2": sk.r2_score,
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "quantile_loss[0.9]": lambda truth, outputs: sk.mean_pinball_loss(truth, outputs, alpha=0.9),
}
SEEDS, SIZES = st.integers(0, 10_000), st.integers(2, 60)


@pytest.mark.parametrize("name", NUMBERS)
@settings(max_examples=25, deadline=None)
@given(SEEDS, SIZES)
def test_number_metrics_agree_with_scikit_learn(name: str, seed: int, size: int) -> None:
    truth, outputs = np.random.default_rng(seed).normal(size=(2, size))
    assert metric(name, SCORE)(truth, outputs) == pytest.approx(NUMBERS[name](truth, outputs))


@settings(max_examples=25, deadline=None)
@given(SEEDS, SIZES)
def test_class_metrics_agree_with_scikit_learn(seed: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    truth, outputs = draw.integers(0, 4, size), draw.dirichlet(np.ones(4), size)
    predicted, occur = outputs.argmax(axis=1), np.unique(truth)
    found = {name: metric(name, SEASON)(truth, outputs) for name in (*SEASON.metrics, "brier", "precision[summer]")}
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(truth, predicted))
    recalls = sk.recall_score(truth, predicted, labels=occur, average=None, zero_division=0)
    assert found["balanced_accuracy"] == pytest.approx(recalls.mean())
    names = [f"recall[{SEASON.classes[place]}]" for place in occur]
    assert [metric(name, SEASON)(truth, outputs) for name in names] == pytest.approx(recalls)
    assert found["macro_f1"] == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
    assert found["log_loss"] == pytest.approx(sk.log_loss(truth, outputs, labels=range(4)), rel=1e-6)
    assert found["brier"] == pytest.approx(sk.brier_score_loss(truth, outputs, labels=range(4)))
    summer = sk.precision_score(truth, predicted, labels=[1], average="macro", zero_division=0)
    assert found["precision[summer]"] == pytest.approx(summer)


@settings(max_examples=40, deadline=None)
@given(SEEDS, SIZES, st.sampled_from([1, 3]))
def test_areas_agree_with_scikit_learn_with_ties_too(seed: int, size: int, decimals: int) -> None:
    draw = np.random.default_rng(seed)
    truth, given = np.append(draw.integers(0, 2, size), [0, 1]), draw.random(size + 2).round(decimals)
    outputs = np.column_stack([1 - given, given])
    for name, theirs in {"roc_auc": sk.roc_auc_score, "pr_auc": sk.average_precision_score}.items():
        assert metric(name, STATE)(truth, outputs) == pytest.approx(theirs(truth, given))
    assert metric("brier", STATE)(truth, outputs) == pytest.approx(sk.brier_score_loss(truth, given))
    well = Classes("state", ("well", "ill"), threshold={"well": 0.5})
    assert metric("pr_auc", well)(truth, outputs) == pytest.approx(sk.average_precision_score(1 - truth, 1 - given))


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_areas_of_more_classes_are_the_mean_of_each_against_the_rest(seed: int) -> None:
    draw = np.random.default_rng(seed)
    truth, outputs = np.append(draw.integers(0, 4, 60), range(4)), draw.dirichlet(np.ones(4), 64)
    ours = metric("roc_auc", SEASON)(truth, outputs)
    assert ours == pytest.approx(sk.roc_auc_score(truth, outputs, multi_class="ovr"))
    ours = metric("pr_auc", SEASON)(truth, outputs)
    assert ours == pytest.approx(sk.average_precision_score(np.eye(4)[truth], outputs))


def test_what_no_row_can_tell_is_not_a_number() -> None:
    truth, outputs = np.array([1, 1]), np.array([[0.5, 0.5], [0.2, 0.8]])
    assert all(np.isnan(metric(name, STATE)(truth, outputs)) for name in ("roc_auc", "pr_auc", "recall[well]"))


def test_a_class_of_any_name_is_asked_for_by_it() -> None:
    hot = Classes("feels", ("[hot]", "a[b", "]", "x y"))
    for place, name in enumerate(hot.classes):
        found = metric(f"recall[{name}]", hot)
        assert found(np.array([place, place]), np.eye(4)[[place, place - 1]]) == 0.5


@pytest.mark.parametrize("name", ["recall[hot]", "recall", "precision[]", "quantile_loss[0.5]", "rmse"])
def test_a_metric_of_no_such_answer_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError):
        metric(name, STATE)


@pytest.mark.parametrize("name", ["quantile_loss", "quantile_loss[1]", "quantile_loss[nan]", "quantile_loss[high]"])
def test_a_quantile_loss_needs_a_quantile(name: str) -> None:
    with pytest.raises(ConfigError, match=r"such as quantile_loss\[0.9\]"):
        metric(name, SCORE)


def test_metrics_judge_what_a_threshold_answers() -> None:
    careful = Classes("state", ("well", "ill"), threshold=0.2)
    truth, outputs = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.75, 0.25], [0.1, 0.9]])
    for name, usual, careful_too in (("accuracy", 2 / 3, 1.0), ("recall[ill]", 0.5, 1.0), ("macro_f1", 2 / 3, 1.0)):
        assert metric(name, STATE)(truth, outputs) == pytest.approx(usual)
        assert metric(name, careful)(truth, outputs) == pytest.approx(careful_too)
    assert metric("log_loss", careful)(truth, outputs) == metric("log_loss", STATE)(truth, outputs)


def test_a_metric_of_ones_own_gets_outputs_or_what_is_answered() -> None:
    careful = Classes("state", ("well", "ill"), threshold=0.2)
    truth, outputs = np.array([0, 1]), np.array([[0.9, 0.1], [0.75, 0.25]])
    own = {
        "given": higher_is_better(lambda truth, outputs: outputs[:, 1].sum()),
        "missed": lower_is_better(lambda truth, answered: ((truth == 1) & (answered == 0)).sum(), answered=True),
    }
    given, missed = (metric(name, careful, own) for name in own)
    assert given(truth, outputs) == pytest.approx(0.35) and (given.name, given.higher_is_better) == ("given", True)
    assert missed(truth, outputs) == 0.0 and metric("missed", STATE, own)(truth, outputs) == 1.0


def _sorts(truth: np.ndarray, outputs: np.ndarray) -> float:
    outputs.sort()
    return 0.0


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (lambda truth, outputs: outputs, r"gave an array of shape \(3,\) on 3 rows"),
        (lambda truth, outputs: "good", "gave 'good'"),
        (lambda truth, outputs: None, "gave None"),
        (lambda truth, outputs: True, "gave True"),
        (lambda truth: 0.0, "failed on 3 rows: TypeError"),
        (lambda truth, outputs: 1 / 0, "failed on 3 rows: ZeroDivisionError: division by zero"),
        (_sorts, "failed on 3 rows: ValueError"),
    ],
)
def test_a_function_that_gives_no_number_or_changes_the_answers_is_named(score: object, told: str) -> None:
    own = {"cost": lower_is_better(score)}  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=f"The metric 'cost' {told}"):
        metric("cost", SCORE, own)(np.ones(3), np.array([2.0, 1.0, 3.0]))


def test_a_constant_truth_is_met_or_missed() -> None:
    assert metric("r2", SCORE)(np.ones(3), np.ones(3)) == 1.0
    assert metric("r2", SCORE)(np.ones(3), np.zeros(3)) == 0.0


def test_an_unknown_metric_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'rmse'"):
        metric("rsme", SCORE)
