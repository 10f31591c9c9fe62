"""Training networks."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Fitted, Job, Part, TrainError
from omloop.package import EXPORTERS
from omloop.testing.jobs import TABLE, StepLog, classes_job, number_job, rows_of, truth

torch = pytest.importorskip("torch")
training = pytest.importorskip("omloop.train.lightning")


def network(job: Job, width: int, dropout: float = 0.0) -> Any:
    preprocessing = training.TablePreprocessing(TABLE, job.train.examples)
    hidden = torch.nn.Linear(preprocessing.width, 16)
    return torch.nn.Sequential(
        preprocessing, hidden, torch.nn.ReLU(), torch.nn.Dropout(dropout), torch.nn.Linear(16, width)
    )


def learn(job: Job, width: int = 1, dropout: float = 0.0, **values: Any) -> Fitted:
    return training.fit_network(lambda: network(job, width, dropout), job, **{"epochs": 3, "lr": 1e-2, **values})


def test_a_number_is_answered_in_its_own_unit(tmp_path: Path) -> None:
    """Learned standardised, answered around 55 points."""
    fitted = learn(number_job(tmp_path), epochs=40, lr=3e-2)
    answers, wanted = fitted.predict(rows_of(100, 3)), truth(rows_of(100, 3))
    assert (fitted.family, answers.dtype, answers.shape) == ("torch", np.float64, (100,))
    assert np.sqrt(np.mean(np.square(answers - wanted))) < 0.2 * wanted.std()


def test_classes_are_answered_as_probabilities(tmp_path: Path) -> None:
    answers = learn(classes_job(tmp_path), width=3).predict(rows_of(9, 3))
    assert answers.shape == (9, 3)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_losses_of_every_epoch_are_logged(tmp_path: Path) -> None:
    log = StepLog()
    learn(number_job(tmp_path, log))
    assert [step for step, _ in log.steps] == [0, 1, 2]
    assert all(sorted(metrics) == ["train_loss", "validation_loss"] for _, metrics in log.steps)


def test_the_same_seed_learns_the_same_network_and_another_seed_another(tmp_path: Path) -> None:
    first, again, other = (learn(number_job(tmp_path, seed=seed)).predict(rows_of(9, 3)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_training_leaves_the_processs_random_numbers_and_threads_alone(tmp_path: Path) -> None:
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    learn(number_job(tmp_path), epochs=1)
    assert torch.equal(before, torch.get_rng_state())
    assert threads == torch.get_num_threads()
    assert not torch.are_deterministic_algorithms_enabled()


def contrary(job: Job) -> Job:
    """The job with validation targets that get the worse, the more is learned."""
    part = job.validation
    return replace(job, validation=Part(part.examples, 110 - part.targets, part.keys))


def test_the_best_epoch_is_kept_and_not_the_last(tmp_path: Path) -> None:
    log = StepLog()
    job = contrary(number_job(tmp_path, log))
    fitted = learn(job, epochs=10, patience=20)
    losses = [metrics["validation_loss"] for _, metrics in log.steps]
    error = np.mean(np.square(fitted.predict(job.validation.examples) - job.validation.targets))
    assert losses[-1] > 1.1 * min(losses)
    assert error / job.train.targets.var() == pytest.approx(min(losses), rel=1e-3)


def test_a_recipe_may_keep_the_last_epoch(tmp_path: Path) -> None:
    log = StepLog()
    job = contrary(number_job(tmp_path, log))
    fitted = learn(job, epochs=10, patience=20, recipe=training.Recipe(last=True))
    losses = [metrics["validation_loss"] for _, metrics in log.steps]
    error = np.mean(np.square(fitted.predict(job.validation.examples) - job.validation.targets))
    assert error / job.train.targets.var() == pytest.approx(losses[-1], rel=1e-3) != min(losses)


def test_smoothed_labels_of_balanced_classes_lean_to_no_class(tmp_path: Path) -> None:
    """What smoothing takes from a label goes to all classes alike, however rare they are."""
    job = classes_job(tmp_path)
    few = Part(job.train.examples, np.where(np.arange(len(job.train)) % 50, 0, 1), job.train.keys)
    answering = training.Answering(torch.nn.Identity(), replace(job, train=few))
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.0, 0.0]])
    targets, recipe = torch.tensor([0, 1]), training.Recipe(balance=1.0, smoothing=0.3)
    losses = torch.nn.functional.cross_entropy(logits, targets, label_smoothing=0.3, reduction="none")
    weights = torch.tensor([1 / 0.98, 1 / 0.02])
    wanted = (losses * weights).sum() / weights.sum()
    torch.testing.assert_close(answering.loss([logits], targets, recipe=recipe), wanted, rtol=0.05, atol=0)


def test_training_stops_when_validation_no_longer_improves(tmp_path: Path) -> None:
    log = StepLog()
    learn(contrary(number_job(tmp_path, log)), epochs=50, patience=2)
    losses = [metrics["validation_loss"] for _, metrics in log.steps]
    assert len(losses) == losses.index(min(losses)) + 3 < 50


def test_dropout_is_off_in_answers(tmp_path: Path) -> None:
    fitted = learn(number_job(tmp_path), dropout=0.5, epochs=1)
    fitted.model.train()
    np.testing.assert_array_equal(fitted.predict(rows_of(9, 3)), fitted.predict(rows_of(9, 3)))


def test_many_rows_are_answered_as_few_are(tmp_path: Path) -> None:
    fitted = learn(number_job(tmp_path), epochs=1)
    rows = rows_of(2500, 3)
    np.testing.assert_allclose(fitted.predict(rows)[:5], fitted.predict(rows[:5]), rtol=1e-6)


def test_a_single_row_left_over_does_not_break_batch_normalisation(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    rows = job.train.examples[:65]
    job = replace(job, train=Part(rows, truth(rows), job.train.keys[:65]))

    def build() -> Any:
        return torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))

    assert len(training.fit_network(build, job, epochs=1, batch_size=32).predict(rows)) == 65


def test_a_job_without_validation_rows_learns_all_its_epochs(tmp_path: Path) -> None:
    log = StepLog()
    job = number_job(tmp_path, log)
    empty = Part(job.train.examples[:0], job.train.targets[:0], job.train.keys[:0])
    learn(replace(job, validation=empty))
    assert [sorted(metrics) for _, metrics in log.steps] == [["train_loss"]] * 3


def test_a_diverged_training_says_which_rate_to_try(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"never a finite number.*model\.lr=1e\+24"):
        learn(number_job(tmp_path), lr=1e25, epochs=2)


def test_a_constant_target_is_answered_by_it(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    job = replace(job, train=Part(job.train.examples, np.full(200, 7.0), job.train.keys))
    assert learn(job, epochs=1).predict(rows_of(5, 3)).mean() == pytest.approx(7, abs=2)


def test_training_leaves_no_file_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No lightning_logs, no checkpoint once it is over, no advice, no progress bar where there is no terminal."""
    monkeypatch.chdir(tmp_path)
    learn(number_job(tmp_path / "scratch"), epochs=1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError("out of memory")])
def test_what_interrupts_a_training_comes_out_as_it_was(tmp_path: Path, error: Any) -> None:
    """Lightning makes an exit of Ctrl-C, and ignores the next one."""

    def log(step: int, metrics: object) -> None:
        raise error

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(error if isinstance(error, type) else type(error)):
        learn(number_job(tmp_path, log))
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.skipif(sys.platform == "win32", reason="signals are otherwise on Windows")
def test_a_terminated_training_does_not_look_like_a_success(tmp_path: Path) -> None:
    code = """
import os, signal, sys, pathlib, torch
from omloop.testing.jobs import number_job
from omloop.train.lightning import fit_network
job = number_job(pathlib.Path(sys.argv[1]), lambda step, metrics: os.kill(os.getpid(), signal.SIGTERM))
fit_network(lambda: torch.nn.Linear(3, 1), job, epochs=50)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode in (128 + signal.SIGTERM, -signal.SIGTERM)


class Killed(Exception):
    """Stands for the end of the process."""


def killed(folder: Path, step: int, **values: Any) -> None:
    """Train until the end of an epoch, and no further."""

    def die(now: int, metrics: Any) -> None:
        if now == step:
            raise Killed

    with pytest.raises(Killed):
        learn(number_job(folder, die), **values)


def test_a_training_that_was_killed_goes_on_and_ends_with_the_same_weights(tmp_path: Path) -> None:
    """Dropout, order of batches, best epoch and early stopping are all as if nothing had happened."""
    whole = learn(number_job(tmp_path / "whole"), epochs=8, dropout=0.3).predict(rows_of(9, 3))
    killed(tmp_path / "cut", 4, epochs=8, dropout=0.3)
    log = StepLog()
    resumed = learn(number_job(tmp_path / "cut", log), epochs=8, dropout=0.3).predict(rows_of(9, 3))
    np.testing.assert_array_equal(resumed, whole)
    assert [step for step, _ in log.steps] == [4, 5, 6, 7]


def test_a_checkpoint_that_was_cut_is_left_aside(tmp_path: Path) -> None:
    killed(tmp_path, 2, epochs=3)
    (path,) = tmp_path.glob("*.ckpt")
    path.write_bytes(path.read_bytes()[:100])
    log = StepLog()
    learn(number_job(tmp_path, log), epochs=3)
    assert [step for step, _ in log.steps] == [0, 1, 2]


def test_a_balanced_training_finds_the_rare_class_more_often(tmp_path: Path) -> None:
    job = classes_job(tmp_path / "a")
    rare = np.flatnonzero((job.train.targets != 2) | (np.arange(len(job.train.targets)) % 12 == 0))
    part = Part(job.train.examples[rare], job.train.targets[rare], job.train.keys[rare])
    found = []
    for balance in (0.0, 1.0):
        recipe = training.Recipe(balance=balance)
        fitted = learn(replace(job, train=part), width=3, epochs=15, recipe=recipe)
        found.append((fitted.predict(rows_of(300, 5)).argmax(axis=1) == 2).sum())
    assert found[1] > found[0]


@pytest.mark.parametrize(("corrected", "answered"), [(False, [1 / 3, 1 / 3, 1 / 3]), (True, [0.7, 0.2, 0.1])])
def test_probabilities_of_weighed_classes_are_frequencies_where_they_are_corrected(
    tmp_path: Path, corrected: bool, answered: list[float]
) -> None:
    """A network that sees no more than that there are classes answers their shares, as weighed or as they are."""
    targets = np.repeat([0, 1, 2], [140, 40, 20])
    part = Part(np.ones((200, 3), np.float32), targets, np.arange(200).astype(str))
    recipe = training.Recipe(balance=1.0, corrected=corrected, last=True)
    job = replace(classes_job(tmp_path), train=part, validation=part)
    plan: Any = {"epochs": 150, "patience": 150, "batch_size": 200, "lr": 0.05, "recipe": recipe}
    fitted = training.fit_network(lambda: torch.nn.Linear(3, 3), job, **plan)
    graph = EXPORTERS.load("torch")(fitted, TABLE, job.outputs, part.examples)
    for found in (fitted.predict(part.examples), Session(graph, TABLE, job.outputs).predict(part.examples)):
        np.testing.assert_allclose(found, np.tile(answered, (200, 1)), atol=0.01)


@pytest.mark.parametrize("recipe", [training.Recipe(), training.Recipe(balance=0.5, smoothing=0.1)])
def test_examples_of_no_weight_teach_nothing(recipe: Any, tmp_path: Path) -> None:
    """Three rows in four say class 2 whatever they show, and count for nothing."""
    job = classes_job(tmp_path)
    counted = np.arange(len(job.train)) % 4 == 0
    part = replace(job.train, targets=np.where(counted, job.train.targets, 2), weights=counted.astype(float))
    answers = learn(replace(job, train=part), width=3, epochs=30, recipe=recipe).predict(job.validation.examples)
    assert (answers.argmax(axis=1) == job.validation.targets).mean() > 0.7


def test_a_number_is_learned_from_the_examples_that_count(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    counted = np.arange(len(job.train)) % 2 == 0
    part = replace(job.train, targets=np.where(counted, job.train.targets, 90.0), weights=counted.astype(float))
    answers = learn(replace(job, train=part), epochs=60, lr=3e-2).predict(rows_of(100, 3))
    assert np.sqrt(np.mean(np.square(answers - truth(rows_of(100, 3))))) < 4


def test_every_part_of_a_recipe_can_be_learned_with(tmp_path: Path) -> None:
    recipe = training.Recipe(augment=lambda rows: rows + 0.0, balance=0.5, smoothing=0.1, schedule="one_cycle")
    first, again = (learn(classes_job(tmp_path), width=3, epochs=4, recipe=recipe).predict(rows_of(9, 3)) for _ in "ab")
    np.testing.assert_array_equal(first, again)


def headed(job: Job, width: int) -> Any:
    preprocessing = training.TablePreprocessing(TABLE, job.train.examples)
    body = torch.nn.Sequential(preprocessing, torch.nn.Linear(preprocessing.width, 16), torch.nn.ReLU())
    return training.HeadedNetwork(body, torch.nn.Linear(16, width))


def test_a_headed_network_says_where_it_sees_an_example(tmp_path: Path) -> None:
    """Over the training examples each coordinate is centred, of deviation 1, and tells nothing of the others."""
    job = classes_job(tmp_path)
    fitted = training.fit_network(lambda: headed(job, 3), job, epochs=3, lr=1e-2)
    exported = EXPORTERS.load("torch")(fitted, TABLE, job.outputs, job.train.examples)
    answers = Session(exported, TABLE, job.outputs).run(job.train.examples)
    np.testing.assert_allclose(answers.outputs, fitted.predict(job.train.examples), atol=1e-6)
    assert answers.coordinates is not None
    assert answers.coordinates.shape == (len(job.train), 8)
    np.testing.assert_allclose(answers.coordinates.mean(axis=0), 0, atol=1e-3)
    used = answers.coordinates.std(axis=0) > 0.5  # a relu of 16 may span fewer than 8 dimensions
    np.testing.assert_allclose(np.cov(answers.coordinates[:, used].T), np.eye(used.sum()), atol=2e-2)


def test_a_headed_network_answers_alike_however_many_rows_come(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    fitted = training.fit_network(lambda: headed(job, 1), job, epochs=2, lr=1e-2)
    session = Session(EXPORTERS.load("torch")(fitted, TABLE, job.outputs, job.train.examples), TABLE, job.outputs)
    whole, one = session.run(job.train.examples[:7]), session.run(job.train.examples[3:4])
    np.testing.assert_allclose(whole.outputs[3:4], one.outputs, rtol=1e-5)
    np.testing.assert_allclose(whole.coordinates[3:4], one.coordinates, atol=1e-4)
