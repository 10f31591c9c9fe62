"""From torch to ONNX."""

from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Session
from omloop.core import ExportError, Fitted, Job
from omloop.package import EXPORTERS, check_parity
from omloop.testing.exporter import Export, ExporterContract
from omloop.testing.jobs import TABLE, VALUE, classes_job, number_job

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
training = pytest.importorskip("omloop.train.lightning")


def fit(job: Job, width: int, *, last: Any = None) -> Fitted:
    def build() -> Any:
        preprocessing = training.TablePreprocessing(TABLE, job.train.examples)
        layers = [torch.nn.Linear(preprocessing.width, 8), torch.nn.ReLU(), torch.nn.Dropout(0.5)]
        return torch.nn.Sequential(preprocessing, *layers, torch.nn.Linear(8, width), *([last] if last else []))

    fitted: Fitted = training.fit_network(build, job, epochs=2, lr=1e-2)
    return fitted


class TestTorchExporter(ExporterContract):
    @pytest.fixture
    def export(self) -> Export:
        exporter: Export = EXPORTERS.load("torch")
        return exporter

    @pytest.fixture
    def number(self, tmp_path: Path) -> Fitted:
        return fit(number_job(tmp_path), 1)

    @pytest.fixture
    def classes(self, tmp_path: Path) -> Fitted:
        return fit(classes_job(tmp_path), 3)


def test_preprocessing_is_inside_the_graph_and_dropout_is_off(tmp_path: Path) -> None:
    """The graph takes raw rows, edges included, and answers alike although the network was left in training mode."""
    job = number_job(tmp_path)
    fitted = fit(job, 1)
    fitted.model.train()
    graph = EXPORTERS.load("torch")(fitted, TABLE, VALUE, job.train.examples)
    session = Session(graph, TABLE, VALUE)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified


def test_a_network_that_onnx_cannot_express_is_an_export_error(tmp_path: Path, capfd: Any) -> None:
    class Branching(torch.nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, rows: Any) -> Any:
            return rows if rows.sum() > 0 else -rows

    fitted = fit(number_job(tmp_path), 1, last=Branching())
    with pytest.raises(
        ExportError, match=r"\(Branching\) cannot be packaged as ONNX: .*tensor operations alone"
    ) as caught:
        EXPORTERS.load("torch")(fitted, TABLE, VALUE, TABLE.edges())
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
