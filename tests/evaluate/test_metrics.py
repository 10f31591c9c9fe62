import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from omloop.core import UnknownNameError
from omloop.evaluate import metric

NUMBERS = {"r2": sk.r2_score, "rmse": sk.root_mean_squared_error, "mae": sk.mean_absolute_error}


@pytest.mark.parametrize("name", NUMBERS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 50))
def test_number_metrics_agree_with_scikit_learn(name: str, seed: int, size: int) -> None:
    truth, outputs = np.random.default_rng(seed).normal(size=(2, size))
    assert metric(name)(truth, outputs) == pytest.approx(NUMBERS[name](truth, outputs))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_class_metrics_agree_with_scikit_learn(seed: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    truth, outputs = draw.integers(0, 4, size), draw.dirichlet(np.ones(4), size)
    predicted = outputs.argmax(axis=1)
    assert metric("accuracy")(truth, outputs) == pytest.approx(sk.accuracy_score(truth, predicted))
    recall = sk.recall_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)
    assert metric("balanced_accuracy")(truth, outputs) == pytest.approx(recall)
    assert metric("macro_f1")(truth, outputs) == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
    loss = sk.log_loss(truth, outputs, labels=range(4))
    assert metric("log_loss")(truth, outputs) == pytest.approx(loss, rel=1e-6)


def test_a_constant_truth_is_met_or_missed() -> None:
    assert metric("r2")(np.ones(3), np.ones(3)) == 1.0
    assert metric("r2")(np.ones(3), np.zeros(3)) == 0.0


def test_an_unknown_metric_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'rmse'"):
        metric("rsme")
