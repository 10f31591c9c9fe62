"""A server that cannot record says so where balancers ask, and in two lines of its log."""

import shutil
from pathlib import Path

import pytest

from omloop.monitor import FilePredictions
from omloop.serve.answer.recording import LogHealth


@pytest.fixture
def predictions(tmp_path: Path) -> FilePredictions:
    return FilePredictions(tmp_path / "log")


def test_a_time_without_records_has_one_line_at_its_start_and_one_at_its_end(
    tmp_path: Path, predictions: FilePredictions, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log").write_text("in the place of the folder")
    recording = LogHealth(predictions, strict=True)
    for _ in range(5):
        recording.check()
    assert "Not a directory" in recording.problem
    (tmp_path / "log").unlink()
    for _ in range(5):
        recording.check()
    assert not recording.problem
    assert [record.getMessage()[:36] for record in caplog.records] == [
        "predictions could not be recorded, a",
        "predictions are recorded again",
    ]


@pytest.mark.parametrize(("strict", "status"), [(True, 503), (False, 200)])
def test_readiness_ends_with_strict_records_alone(tmp_path, predictions, serve_with, strict, status):
    with serve_with(predictions=predictions) as server:
        server.app.recording.strict = strict
        assert server.predict().status_code == 200
        shutil.rmtree(tmp_path / "log")
        server.app.recording.check()
        assert server.client.get("/readyz").status_code == status
        server.app.recording.check()
        assert server.client.get("/readyz").status_code == 200
        assert predictions.find(server.predict().json()["predictions"][0]["id"]) is not None
