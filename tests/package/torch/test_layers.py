"""Which layer of a network is to blame."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import ExportError, Fitted, Job
from omloop.package import EXPORTERS, check_parity, diagnose
from omloop.testing.jobs import MOOD, TABLE, classes_job

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
batching = pytest.importorskip("omloop.train.batching")


class Branching(torch.nn.Module):  # type: ignore[misc,name-defined]
    def forward(self, rows: Any) -> Any:
        return rows if rows.sum() > 0 else -rows


class Bessel(torch.nn.Module):  # type: ignore[misc,name-defined]
    def forward(self, rows: Any) -> Any:
        return torch.special.bessel_j0(rows)


class Counting(torch.nn.Module):  # type: ignore[misc,name-defined]
    """Answers otherwise each time: the graph keeps the count at which it was exported."""

    calls = 0

    def forward(self, rows: Any) -> Any:
        self.calls += 1
        return rows * self.calls


def drawn(layer: Any, job: Job) -> Fitted:
    torch.manual_seed(0)
    inner = torch.nn.Sequential(torch.nn.ReLU(), layer)
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), inner, torch.nn.Linear(4, 3), torch.nn.Softmax(dim=1)).eval()
    return Fitted("torch", network, lambda rows: batching.in_batches(network, TABLE, rows).double().numpy())


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Branching(), r"layer '1.1' \(Branching\) cannot be packaged.*torch\.where, not by `if`"),
        (Bessel(), r"layer '1.1' \(Bessel\) cannot be packaged as ONNX, which has no operator for \w+\.bessel_j0"),
    ],
)
def test_a_layer_that_onnx_cannot_express_is_named(tmp_path: Path, layer: Any, said: str) -> None:
    job = classes_job(tmp_path)
    with pytest.raises(ExportError, match=said) as caught:
        EXPORTERS.load("torch")(drawn(layer, job), TABLE, MOOD, job.train.examples)
    assert "\n" not in str(caught.value)


class Rounding(torch.nn.Module):  # type: ignore[misc,name-defined]
    """Takes a Python number from a tensor: the graph keeps that of the rows at which it was exported."""

    def forward(self, rows: Any) -> Any:
        return rows * float(np.asarray(rows.detach().abs().max())) if type(rows) is torch.Tensor else rows * 3


@pytest.mark.slow
def test_a_layer_that_answers_otherwise_from_call_to_call_is_named(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    fitted = drawn(Counting(), job)
    session = Session(EXPORTERS.load("torch")(fitted, TABLE, MOOD, job.train.examples), TABLE, MOOD)
    assert not check_parity(fitted, session, job.train.examples, TABLE.edges()).verified
    assert diagnose(fitted, session, job.train.examples).startswith(
        "The layer '1.1' (Counting) is the first that answers"
    )


def test_the_first_layer_that_answers_otherwise_is_named(tmp_path: Path) -> None:
    """Not the ones behind it, which only carry the difference on."""
    job = classes_job(tmp_path)
    fitted = drawn(Rounding(), job)
    session = Session(EXPORTERS.load("torch")(fitted, TABLE, MOOD, job.train.examples), TABLE, MOOD)
    assert diagnose(fitted, session, job.train.examples).startswith(
        "The layer '1.1' (Rounding) is the first that differs"
    )


def test_rounding_alone_blames_no_layer_for_it(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    fitted = drawn(torch.nn.Tanh(), job)
    session = Session(EXPORTERS.load("torch")(fitted, TABLE, MOOD, job.train.examples), TABLE, MOOD)
    assert diagnose(fitted, session, job.train.examples).startswith("No layer differs on its own")
