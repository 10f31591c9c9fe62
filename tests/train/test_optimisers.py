"""What moves the weights, and how its rate changes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import TrainError, UnknownNameError
from omloop.testing.jobs import StepLog, number_job, rows_of

torch = pytest.importorskip("torch")
training = pytest.importorskip("omloop.train.lightning")

from omloop.train.optimisers import optimiser_of, schedule_of  # noqa: E402

RATES = {
    "constant": [1, 1, 1, 1, 1, 1],
    "step": [1, 1, 0.1, 0.1, 0.01, 0.01],
    "plateau": [1, 1, 1, 1, 1, 0.1],
    "cosine": [1, 0.933, 0.75, 0.5, 0.25, 0.067],
}


def learn(folder: Path, log: Any = None, **values: Any) -> Any:
    def build() -> Any:
        return torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))

    return training.fit_network(build, number_job(folder, log), **{"epochs": 1, "lr": 1e-2, **values})


@pytest.mark.parametrize("name", RATES)
def test_a_rate_falls_by_its_schedule(name: str) -> None:
    """Over six epochs, the loss never better than in the first."""
    optimiser, _ = optimiser_of("sgd", [torch.zeros(1, requires_grad=True)], lr=1.0, weight_decay=0, momentum=0)
    made, rates = schedule_of(name, optimiser, lr=1.0, epochs=6, steps=60), []
    for _ in range(6):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if made is not None:
            made["scheduler"].step(*([1.0] if name == "plateau" else []))
    np.testing.assert_allclose(rates, RATES[name], atol=1e-3)


def test_a_rate_that_changes_is_logged(tmp_path: Path) -> None:
    log = StepLog()
    learn(tmp_path, log, epochs=3, recipe=training.Recipe(schedule="step"))
    assert [round(metrics["learning_rate"], 6) for _, metrics in log.steps] == [1e-2, 1e-3, 1e-4]


def test_each_optimiser_learns_another_network(tmp_path: Path) -> None:
    answers = [learn(tmp_path, optimiser=name, weight_decay=0.1).predict(rows_of(9, 3)) for name in ("adam", "sgd")]
    assert not np.allclose(*answers, rtol=1e-3)


def test_names_that_nobody_knows_are_told_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="No optimiser is called 'adan'. Did you mean 'adam'"):
        optimiser_of("adan", [], lr=1.0, weight_decay=0, momentum=0)
    with pytest.raises(UnknownNameError, match="No schedule is called 'cosin'. Did you mean 'cosine'"):
        schedule_of("cosin", None, lr=1.0, epochs=1, steps=1)


def test_a_project_brings_its_own_optimiser_and_schedule(tmp_path: Path) -> None:
    def own(parameters: Any) -> Any:
        optimiser = torch.optim.RMSprop(parameters, lr=0.01)
        return optimiser, torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=0.5)

    log = StepLog()
    learn(tmp_path, log, epochs=3, optimiser=own)
    assert [round(metrics["learning_rate"], 6) for _, metrics in log.steps] == [0.01, 0.005, 0.0025]


def test_a_project_brings_its_own_training_step(tmp_path: Path) -> None:
    """Here a loss that outliers weigh less in; the targets come standardised."""
    seen = []

    def step(network: Any, batch: tuple[Any, ...]) -> Any:
        rows, targets = batch
        seen.append(targets)
        return torch.nn.functional.huber_loss(network(rows).squeeze(1), targets)

    own, plain = (learn(tmp_path, step=one).predict(rows_of(9, 3)) for one in (step, None))
    assert abs(float(torch.cat(seen).mean())) < 1e-5
    assert not np.array_equal(own, plain)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"optimiser": lambda parameters: "adam"}, "own optimiser is a str. Give a function of the parameters"),
        ({"step": lambda network, batch: network(batch[0])}, r"answered a tensor of shape \(64, 1\). It must answer"),
        ({"step": lambda network, batch: 0.5}, "answered float. It must answer the loss"),
    ],
    ids=["no optimiser", "no loss", "no tensor"],
)
def test_what_is_no_optimiser_and_no_loss_is_refused(values: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=told):
        learn(tmp_path, **values)


def test_the_example_of_the_page_on_training_learns(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "train.md").read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def fit_robust" in block]
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102
    job = number_job(tmp_path)
    error = found["fit_robust"](job).predict(job.validation.examples) - job.validation.targets
    assert np.sqrt(np.square(error).mean()) < 0.3 * job.validation.targets.std()
