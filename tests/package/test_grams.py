from pathlib import Path

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Fitted
from omloop.kinds import Classes
from omloop.package import EXPORTERS, check_parity
from omloop.package.grams import export
from omloop.testing.jobs import MOOD, REVIEW, review_job, reviews_of
from omloop.train import fit_bag_of_words, fit_prior

TWO, FOUR = Classes("mood", ("sad", "calm")), Classes("mood", ("sad", "calm", "happy", "never"))


@pytest.fixture(params=[(fit_bag_of_words, TWO), (fit_bag_of_words, FOUR), (fit_prior, TWO), (fit_prior, FOUR)])
def trained(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Fitted, Classes]:
    """Each model that the exporter knows, for two classes and for more, one of them never seen."""
    fit, classes = request.param
    return fit(review_job(tmp_path, classes=classes)), classes


def test_the_graph_answers_as_the_model_does(trained: tuple[Fitted, Classes]) -> None:
    """Real texts and those at the limits, in batches of every size."""
    fitted, classes = trained
    examples = reviews_of(300, 9)[0]
    session = Session(export(fitted, REVIEW, classes, examples[:1]), REVIEW, classes)
    parity = check_parity(fitted, session, examples, REVIEW.edges())
    assert parity.verified
    assert parity.agreement == 1


def test_a_text_of_no_known_gram_gets_an_answer_too(tmp_path: Path) -> None:
    """All its counts are 0: the length that divides them is not."""
    fitted = fit_bag_of_words(review_job(tmp_path))
    session = Session(export(fitted, REVIEW, MOOD, REVIEW.edges()), REVIEW, MOOD)
    outputs = session.predict(REVIEW.parse([{"review": "..."}]))
    assert np.isfinite(outputs).all()
    np.testing.assert_allclose(outputs, fitted.predict(REVIEW.parse([{"review": "..."}])), atol=1e-6)


def test_the_same_model_gives_the_same_bytes(trained: tuple[Fitted, Classes]) -> None:
    fitted, classes = trained
    assert export(fitted, REVIEW, classes, REVIEW.edges()) == export(fitted, REVIEW, classes, REVIEW.edges()[:1])


def test_a_prior_keeps_no_weights(tmp_path: Path) -> None:
    assert len(export(fit_prior(review_job(tmp_path)), REVIEW, MOOD, REVIEW.edges())) < 2000


def test_a_bag_of_words_keeps_some_twelve_bytes_a_known_gram(tmp_path: Path) -> None:
    fitted = fit_bag_of_words(review_job(tmp_path, classes=TWO))
    graph = export(fitted, REVIEW, TWO, REVIEW.edges())
    assert len(graph) < 13 * len(fitted.model.known) + 4000


def test_a_gram_that_too_few_texts_had_counts_as_absent(tmp_path: Path) -> None:
    """In the graph as in the model, though it has a bucket: the slots of the table know whose they are."""
    fitted = fit_bag_of_words(review_job(tmp_path), least_texts=20)
    session = Session(export(fitted, REVIEW, MOOD, REVIEW.edges()), REVIEW, MOOD)
    more = REVIEW.parse([{"review": "gloomy zyzzyva quuxly film"}])
    assert len(fitted.model.known) < len(fit_bag_of_words(review_job(tmp_path), least_texts=1).model.known)
    np.testing.assert_allclose(session.predict(more), fitted.predict(more), atol=1e-6)
    words = REVIEW.parse([{"review": "gloomy"}]), REVIEW.parse([{"review": "gloomy zyzzyva"}])
    np.testing.assert_allclose(*map(session.predict, words), atol=1e-6)


def test_the_family_is_in_the_table() -> None:
    assert EXPORTERS.load("grams") is export
