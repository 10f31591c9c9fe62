"""Proof that a packaged model answers as the original does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omloop.bundle import Answers, Session
from omloop.core import BundleError, ExportError, Fitted
from omloop.package import BATCHES, check_parity, prove, remembered, require_verified
from omloop.testing.jobs import MOOD, TABLE, VALUE, rows_of, truth

Predict = Any


class FakeSession:
    """A packaged model that answers by a function, and remembers what it was asked."""

    def __init__(self, predict: Predict, outputs: Any = VALUE) -> None:
        self.outputs = outputs
        self.batches: list[NDArray[Any]] = []
        self._predict = predict

    def run(self, examples: NDArray[Any]) -> Answers:
        self.batches.append(examples)
        return Answers(self._predict(examples), examples[:, :1])


def parity(packaged: Predict, original: Predict = truth, rows: int = 600, outputs: Any = VALUE) -> Any:
    session: Any = FakeSession(packaged, outputs)
    return check_parity(Fitted("any", None, original), session, rows_of(rows, 1), TABLE.edges())


def test_a_true_copy_is_verified() -> None:
    result = parity(truth)
    assert (result.verified, result.largest, result.agreement) == (True, 0.0, 1.0)
    require_verified(result)


def test_a_wrong_copy_is_caught_and_may_not_be_registered() -> None:
    """One part in a thousand is too far."""
    result = parity(lambda rows: truth(rows) * 1.001)
    assert not result.verified
    with pytest.raises(ExportError, match=r"differs from the original by up to .*choose another model"):
        require_verified(result)


def test_a_copy_that_is_wrong_on_one_row_alone_is_caught() -> None:
    rows = rows_of(600, 1)

    def packaged(batch: NDArray[Any]) -> NDArray[Any]:
        return truth(batch) + (batch == rows[317]).all(axis=1)

    assert parity(packaged).largest == pytest.approx(1)


def test_a_copy_that_is_wrong_at_the_limits_alone_is_caught() -> None:
    assert not parity(lambda rows: truth(rows) + (rows[:, 0] == 3)).verified


@pytest.mark.parametrize("size", BATCHES)
def test_a_copy_that_is_wrong_at_one_batch_size_alone_is_caught(size: int) -> None:
    assert not parity(lambda rows: truth(rows) + (len(rows) == size)).verified


def test_probabilities_are_compared_and_not_labels() -> None:
    """Every label agrees, and yet a probability is 0.2 off."""
    result = parity(
        lambda rows: np.tile([0.9, 0.05, 0.05], (len(rows), 1)),
        lambda rows: np.tile([0.7, 0.25, 0.05], (len(rows), 1)),
        outputs=MOOD,
    )
    assert result.agreement == 1
    assert result.relative == result.largest == pytest.approx(0.2)
    assert not result.verified


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_finite_number_is_never_verified(value: float) -> None:
    """Not even when both models give the same."""
    same = lambda rows: np.where(np.arange(len(rows)) == 0, value, truth(rows))  # noqa: E731
    result = parity(same, same)
    assert not result.verified
    assert result.largest == np.inf


def test_what_float32_cannot_hold_at_the_limits_is_infinite_there() -> None:
    """A server refuses such rows. What differs on real rows is not excused by huge answers at the limits."""
    assert (np.abs(rows_of(600, 1)[:, 0]) < 3).all()

    def beyond(there: float, error: float = 0.0) -> Any:
        return lambda rows: np.where(np.abs(rows[:, 0]) == 3, there, truth(rows) + error)

    assert parity(beyond(np.inf), beyond(1e300)).verified
    assert not parity(beyond(-np.inf), beyond(1e300)).verified
    assert parity(beyond(np.inf), beyond(np.inf)).verified
    assert not parity(beyond(np.nan), beyond(np.nan)).verified
    assert not parity(beyond(1e30, 0.01), beyond(1e30)).verified


def test_answers_of_another_shape_are_not_verified() -> None:
    assert not parity(lambda rows: truth(rows)[:, None]).verified


def test_every_row_and_every_edge_is_compared_in_every_batch_size() -> None:
    session: Any = FakeSession(truth)
    rows = np.concatenate([rows_of(600, 1), TABLE.edges()])
    check_parity(Fitted("any", None, truth), session, rows[:600], rows[600:])
    assert {len(batch) for batch in session.batches} == set(BATCHES)
    seen = {row.tobytes() for batch in session.batches if len(batch) == 512 for row in batch}
    assert seen == {row.tobytes() for row in rows}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1100))
def test_a_proof_brings_the_answers_to_the_real_rows_in_their_order(rows: int) -> None:
    """So that nobody asks for them again: a network on long texts takes minutes to answer thousands."""
    session: Any = FakeSession(truth)
    real = rows_of(rows, 1)
    proof = prove(Fitted("any", None, truth), session, real, TABLE.edges())
    assert proof.parity.verified
    assert proof.answers.outputs.tolist() == truth(real).tolist()
    assert proof.answers.coordinates is not None
    assert proof.answers.coordinates.tolist() == real[:, :1].tolist()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40))
def test_few_rows_are_repeated_until_batches_are_full(rows: int) -> None:
    session: Any = FakeSession(truth)
    result = check_parity(Fitted("any", None, truth), session, rows_of(rows, 1), TABLE.edges()[:0])
    assert {len(batch) for batch in session.batches} == set(BATCHES)
    assert result.rows == sum(map(len, session.batches))


def test_no_rows_prove_nothing() -> None:
    with pytest.raises(ExportError, match="no rows to compare"):
        check_parity(Fitted("any", None, truth), FakeSession(truth), rows_of(0, 1), TABLE.edges()[:0])  # type: ignore[arg-type]


def test_the_difference_is_relative_to_the_largest_answer() -> None:
    result = parity(lambda rows: truth(rows) + 1e-4)
    assert result.relative == pytest.approx(1e-4 / 70, rel=0.05)
    assert result.verified


def test_a_model_that_answers_zero_can_be_verified() -> None:
    zero = lambda rows: np.zeros(len(rows))  # noqa: E731
    assert parity(zero, zero).verified
    assert not parity(lambda rows: zero(rows) + 0.1, zero).verified


def test_a_graph_that_takes_no_such_batch_is_an_export_error() -> None:
    def packaged(rows: NDArray[Any]) -> NDArray[Any]:
        raise BundleError("The model cannot answer: got 7 rows, expected 2.")

    with pytest.raises(ExportError, match=r"cannot answer a batch of 1.*expected 2"):
        parity(packaged)


def test_a_deliberately_wrong_graph_is_caught(tmp_path: Path) -> None:
    """A real ONNX graph of another model."""
    pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LinearRegression

    from omloop.package import EXPORTERS
    from omloop.testing.jobs import number_job
    from omloop.train import fit_estimator

    job = number_job(tmp_path)
    right = fit_estimator(LinearRegression(), job)
    wrong = fit_estimator(LinearRegression(fit_intercept=False), job)
    graph = EXPORTERS.load("sklearn")(wrong, TABLE, VALUE, job.train.examples)
    assert not check_parity(right, Session(graph, TABLE, VALUE), job.validation.examples, TABLE.edges()).verified


@pytest.mark.parametrize("rows", [np.arange(6.0).reshape(3, 2), np.array([["a"], ["b"]], object)])
def test_a_model_that_is_remembered_answers_the_same_examples_once(rows: NDArray[Any]) -> None:
    """And again where they are others, or of another type; what was given is nobody's to change."""
    asked = list[int]()

    def predict(examples: NDArray[Any]) -> NDArray[np.float64]:
        asked.append(len(examples))
        return np.ones(len(examples))

    fitted = remembered(Fitted("", None, predict))
    first = fitted.predict(rows)
    first[:] = 0
    assert fitted.predict(rows.copy()).all() and len(asked) == 1
    assert len(fitted.predict(rows[:1])) == 1 and len(asked) == 2
    fitted.predict(rows[::-1])
    assert len(asked) == 3
