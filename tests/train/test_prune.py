"""Networks with fewer channels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Fitted, Job, TrainError
from omloop.package import EXPORTERS
from omloop.testing.jobs import TABLE, classes_job

torch = pytest.importorskip("torch")
pytest.importorskip("torch_pruning")
training = pytest.importorskip("omloop.train.lightning")
pruning = pytest.importorskip("omloop.train.prune")


def chain(job: Job) -> Fitted:
    """A chain of convolutions over the columns, with batch normalisation, and a branch around one."""

    class Around(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Sequential(torch.nn.Conv1d(1, 32, 3, padding=1), torch.nn.BatchNorm1d(32))
            self.second = torch.nn.Sequential(torch.nn.Conv1d(32, 32, 3, padding=1), torch.nn.BatchNorm1d(32))
            self.last = torch.nn.Linear(32, 3)

        def forward(self, rows: Any) -> Any:
            lit = self.first(rows[:, None]).relu()
            return self.last((lit + self.second(lit).relu()).mean(dim=2))

    fitted: Fitted = training.fit_network(Around, job, epochs=3, lr=1e-2)
    return fitted


def weights(fitted: Fitted) -> int:
    return sum(each.numel() for each in fitted.model.network.parameters())


def test_half_of_the_channels_are_a_quarter_of_the_weights_and_all_that_depends_on_them_goes(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    original = chain(job)
    before, answers = weights(original), original.predict(job.validation.examples)
    pruned = pruning.fit_pruned(original, job, share=0.5, epochs=1)
    assert weights(pruned) < 0.4 * before
    assert pruned.predict(job.validation.examples).shape == answers.shape
    np.testing.assert_array_equal(original.predict(job.validation.examples), answers)
    assert EXPORTERS.load("torch")(pruned, TABLE, job.outputs, job.train.examples)


def test_what_is_no_network_is_not_pruned(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="Only a network can be pruned"):
        pruning.fit_pruned(Fitted("sklearn", None, lambda rows: rows), classes_job(tmp_path), share=0.5)
