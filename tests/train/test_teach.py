"""Learning from another model's answers."""

from pathlib import Path

import numpy as np
import pytest

from omloop.testing.jobs import classes_job, number_job
from omloop.train.teach import distil


def test_classes_become_shares_halfway_to_the_teacher(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    answers = np.full((len(job.train), 3), 1 / 3)
    targets = distil(job, answers).train.targets
    assert targets.dtype == np.float32 and targets.shape == (len(job.train), 3)
    assert (targets.argmax(axis=1) == job.train.targets).all()
    np.testing.assert_allclose(targets.sum(axis=1), 1.0, rtol=1e-6)
    assert targets.max() == pytest.approx(2 / 3)


def test_a_number_is_learned_halfway_to_the_teachers(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    targets = distil(job, job.train.targets + 2).train.targets
    np.testing.assert_allclose(targets, job.train.targets + 1)


@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_a_network_learns_shares_as_well_as_classes(tmp_path: Path, balance: float) -> None:
    torch = pytest.importorskip("torch")
    training = pytest.importorskip("omloop.train.lightning")
    job = classes_job(tmp_path)
    truth = np.eye(3)[job.train.targets]

    def build() -> object:
        return torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))

    recipe = training.Recipe(balance=balance)
    hard = training.fit_network(build, job, epochs=3, lr=1e-2, recipe=recipe)
    soft = training.fit_network(build, distil(job, truth), epochs=3, lr=1e-2, recipe=recipe)
    examples = job.validation.examples
    np.testing.assert_allclose(soft.predict(examples), hard.predict(examples), atol=1e-4)
