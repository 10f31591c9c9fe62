"""Weights averaged over the steps of a training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Job
from omloop.testing.jobs import TABLE, StepLog, number_job, rows_of

torch = pytest.importorskip("torch")
training = pytest.importorskip("omloop.train.lightning")
AVERAGED = training.Recipe(average=0.99)


def answers(job: Job, recipe: Any, epochs: int = 3) -> Any:
    preprocessing = training.TablePreprocessing(TABLE, job.train.examples)

    def build() -> Any:
        return torch.nn.Sequential(preprocessing, torch.nn.Linear(preprocessing.width, 1))

    return training.fit_network(build, job, epochs=epochs, lr=3e-2, batch_size=16, recipe=recipe).predict


def test_what_is_judged_is_what_is_kept(tmp_path: Path) -> None:
    log = StepLog()
    job = number_job(tmp_path, log)
    predict = answers(job, AVERAGED)
    losses = [metrics["validation_loss"] for _, metrics in log.steps]
    error = np.mean(np.square(predict(job.validation.examples) - job.validation.targets))
    assert error / job.train.targets.var() == pytest.approx(min(losses), rel=1e-3)
    assert not np.allclose(predict(rows_of(9, 3)), answers(number_job(tmp_path), training.Recipe())(rows_of(9, 3)))


def test_the_training_itself_goes_its_own_way(tmp_path: Path) -> None:
    """The weights that learn are put back after each validation."""
    plain, averaged = StepLog(), StepLog()
    answers(number_job(tmp_path, plain), training.Recipe())
    answers(number_job(tmp_path, averaged), AVERAGED)
    losses = [[metrics["train_loss"] for _, metrics in log.steps] for log in (plain, averaged)]
    assert losses[0] == losses[1]


def test_a_training_that_was_killed_goes_on_with_the_mean(tmp_path: Path) -> None:
    class Killed(Exception):
        """Stands for the end of the process."""

    def die(step: int, metrics: object) -> None:
        if step == 1:
            raise Killed

    whole = answers(number_job(tmp_path / "whole"), AVERAGED)(rows_of(9, 3))
    with pytest.raises(Killed):
        answers(number_job(tmp_path / "cut", die), AVERAGED)
    log = StepLog()
    np.testing.assert_array_equal(answers(number_job(tmp_path / "cut", log), AVERAGED)(rows_of(9, 3)), whole)
    assert log.steps[0][0] == 1
