import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omloop.core import Fitted, Part, TrainError
from omloop.kinds import Classes
from omloop.testing.jobs import MOOD, number_job, review_job, reviews_of
from omloop.train import fit_bag_of_words, fit_prior
from omloop.train.bag_of_words import count_matrix

MOODS = [Classes("mood", ("sad", "calm")), MOOD, Classes("mood", ("sad", "calm", "happy", "never"))]


@pytest.mark.parametrize("classes", MOODS, ids=lambda classes: str(len(classes.classes)))
def test_telling_words_are_learned(classes: Classes, tmp_path: Path) -> None:
    """Two classes have one column of weights, more have one each; one that was never seen has probability 0."""
    fitted = fit_bag_of_words(review_job(tmp_path, classes=classes))
    texts, targets = reviews_of(80, 9, min(3, len(classes.classes)))
    outputs = fitted.predict(texts)
    assert (outputs.argmax(axis=1) == targets).mean() > 0.95
    np.testing.assert_allclose(outputs.sum(axis=1), 1)
    assert not outputs[:, 3:].any()


def test_texts_of_no_weight_teach_nothing(tmp_path: Path) -> None:
    job = review_job(tmp_path, rows=600)
    counted = np.arange(600) % 2 == 0
    targets = np.where(counted, job.train.targets, (job.train.targets + 1) % 3)
    part = replace(job.train, targets=targets, weights=counted.astype(float))
    texts, truth = reviews_of(80, 9)
    assert (fit_bag_of_words(replace(job, train=part)).predict(texts).argmax(axis=1) == truth).mean() > 0.9
    shares = np.bincount(targets[counted]) / counted.sum()
    np.testing.assert_allclose(fit_prior(replace(job, train=part)).predict(texts[:1])[0], shares, atol=1e-6)


def test_the_prior_answers_the_shares_of_the_training_part(tmp_path: Path) -> None:
    job = review_job(tmp_path)
    shares = np.bincount(job.train.targets) / len(job.train)
    np.testing.assert_allclose(fit_prior(job).predict(job.validation.examples), np.tile(shares, (100, 1)), atol=1e-6)


def test_the_probability_is_the_documented_formula(tmp_path: Path) -> None:
    """Computed by hand for one text: dampened counts, times frequency, at length 1, times weights."""
    job = review_job(tmp_path, classes=MOODS[0])
    fitted = fit_bag_of_words(job)
    model, text = fitted.model, job.inputs.encode({"review": ["gloomy film film film"]})
    counts = count_matrix(job.inputs, text).toarray()[0]
    known = [gram for gram in np.flatnonzero(counts) if gram in model.known]
    grams = np.searchsorted(model.known, known)
    values = (1 + np.log(counts[known])) * model.frequency[grams]
    logit = float((values / np.linalg.norm(values)) @ model.weights[grams, 0].astype(float) + model.bias[1])
    assert fitted.predict(text)[0, 1] == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-6)


def test_the_same_seed_learns_the_same_weights(tmp_path: Path) -> None:
    first, again = (fit_bag_of_words(review_job(tmp_path)).model for _ in range(2))
    np.testing.assert_array_equal(first.weights, again.weights)


def test_scaling_by_ratios_can_be_left_out(tmp_path: Path) -> None:
    fitted = fit_bag_of_words(review_job(tmp_path), ratio=False)
    assert _accuracy(fitted) > 0.9


def test_the_penalty_that_does_best_on_validation_is_kept(tmp_path: Path) -> None:
    job = review_job(tmp_path)
    best = fit_bag_of_words(job, penalties=(1e4, 0.1)).model
    np.testing.assert_array_equal(best.weights, fit_bag_of_words(job, penalties=(0.1,)).model.weights)


def test_without_a_validation_part_a_part_of_training_chooses_the_penalty(tmp_path: Path) -> None:
    job = review_job(tmp_path)
    whole = replace(
        job, validation=replace(job.validation, examples=job.validation.examples[:0], targets=np.empty(0, int))
    )
    best = fit_bag_of_words(whole, penalties=(1e4, 0.1)).model
    np.testing.assert_array_equal(best.weights, fit_bag_of_words(whole, penalties=(0.1,)).model.weights)


def test_scores_of_both_parts_are_logged(tmp_path: Path) -> None:
    job = review_job(tmp_path)
    fit_bag_of_words(job)
    ((step, scores),) = job.log.steps  # type: ignore[attr-defined]
    assert step == 0
    assert set(scores) == {f"{part}_{name}" for part in ("train", "validation") for name in ("accuracy", "log_loss")}


def test_numbers_tables_and_a_single_class_are_refused(tmp_path: Path) -> None:
    job = review_job(tmp_path)
    table = number_job(tmp_path)
    alone = Part(job.train.examples[:1], job.train.targets[:1], job.train.keys[:1])
    with pytest.raises(TrainError, match="asks for a number"):
        fit_bag_of_words(table)
    with pytest.raises(TrainError, match="needs texts"):
        fit_bag_of_words(replace(table, outputs=MOOD, train=replace(table.train, targets=job.train.targets[:200])))
    with pytest.raises(TrainError, match="two classes"):
        fit_bag_of_words(replace(job, train=alone))


def _accuracy(fitted: Fitted) -> float:
    texts, targets = reviews_of(80, 9)
    return float((fitted.predict(texts).argmax(axis=1) == targets).mean())
