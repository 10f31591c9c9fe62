"""Mirrors beside the runs of real turns: MLflow's server on loopback, offline folders of W&B, and what goes wrong."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omloop.core import MissingExtraError, Project, SettingError, UnknownNameError
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import train_only, turn
from omloop.track import mirrored

SMALL = ["data.rows=300", "model=linear"]
SERVER = os.environ.get("OMLOOP_MLFLOW_SERVER_PYTHON", "")
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
needs_server = pytest.mark.skipif(
    not SERVER, reason="OMLOOP_MLFLOW_SERVER_PYTHON names no Python that has the whole of MLflow (pip install mlflow)"
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """MLflow's own server, with its files in a folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        words = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        stores = ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", f"{folder}/files"]
        env = {**os.environ, "PYTHONPATH": "", **QUIET}
        self._process = subprocess.Popen(
            [SERVER, *words, *stores],
            cwd=folder,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 170
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.5)
        self.stop()
        pytest.fail("MLflow's server did not start")

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it was stopped already
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path, free_port())
    yield found
    found.stop()


def client_of(address: str) -> Any:
    mlflow = pytest.importorskip("mlflow")
    return mlflow.MlflowClient(address, address)


def with_mirrors(workspace: Workspace, track: str) -> Workspace:
    return Workspace(replace(workspace.settings, track=track))


@needs_server
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "words", "plots"),
    [
        ("student_performance", SMALL, {"plots/importance.png", "plots/residuals.png"}),
        ("imdb", ["data.rows=300", "model=bag_of_words"], {"plots/confusion.json", "plots/confusion.png"}),
    ],
)
def test_a_turn_is_read_back_from_mlflows_server(
    name: str, words: list[str], plots: set[str], workspace: Workspace, server: Server
) -> None:
    there = with_mirrors(workspace, f"mlflow:{server.address}")
    done = turn(Plan.of(find_project(name, workspace.settings), words, there))
    client = client_of(server.address)
    (run,) = client.search_runs([client.get_experiment_by_name(name).experiment_id])
    metric = next(iter(done.report.metrics))
    assert run.info.run_name == done.run and run.info.status == "FINISHED"
    assert run.data.metrics[f"test/{metric}"] == done.report.metrics[metric].value
    assert run.data.tags["version"] == done.version and run.data.params["data.rows"] == "300"
    kept = {one.path for one in client.list_artifacts(run.info.run_id, "plots")}
    assert plots <= kept
    champion = client.get_model_version_by_alias(name, "champion")
    assert champion.tags["omloop_version"] == done.version and champion.run_id == run.info.run_id
    model = client.download_artifacts(run.info.run_id, f"bundles/{done.version}/model.onnx")
    assert Path(model).read_bytes() == there.registry(name).load(done.version).files["model.onnx"]


@needs_server
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_server_that_dies_in_mid_run_stops_nothing_and_is_mended_when_it_is_back(
    student: Project, workspace: Workspace, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = with_mirrors(workspace, f"mlflow:{server.address}")
    first = turn(Plan.of(student, SMALL, there))
    model = student.models["linear"]

    def fit(job: Any) -> Any:
        server.stop()
        for step in range(100):
            job.log(step, {"own": float(step)})
        return model.fit(job)

    dying = replace(student, models={**student.models, "linear": replace(model, fit=fit)})
    second = turn(Plan.of(dying, [*SMALL, "seed=2"], there))
    told = [record.message for record in caplog.records if record.name == "omloop.track"]
    assert len(told) == 2 and "cannot be reached" in told[0] and "has not got" in told[1]
    steps = there.tracker().read(student.name, second.run, "metrics.jsonl").decode()
    assert steps.count("linear/own") == 100
    registry = there.registry(student.name)
    if not second.promoted:
        registry.promote(second.version, expected=first.version, by="test", reason="while it is away", insist=True)
    again = Server(tmp_path, int(server.address.rpartition(":")[2]))
    try:
        train_only(Plan.of(student, SMALL, there))
        client = client_of(again.address)
        versions = {one.tags["omloop_version"] for one in client.search_model_versions(f"name='{student.name}'")}
        assert versions == {first.version, second.version}
        champion = client.get_model_version_by_alias(student.name, "champion")
        assert champion.tags["omloop_version"] == second.version
    finally:
        again.stop()


@pytest.mark.slow
@pytest.mark.parametrize("listening", [False, True])
def test_a_server_that_is_away_or_never_answers_delays_no_training(
    student: Project,
    workspace: Workspace,
    listening: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setattr(mirrored, "FINISH_S", 2.0)
    port = free_port()
    with socket.socket() as silent:
        if listening:
            silent.bind(("127.0.0.1", port))
            silent.listen()
        found = train_only(Plan.of(student, SMALL, with_mirrors(workspace, f"mlflow:http://127.0.0.1:{port}")))
    (run,) = workspace.tracker().list(student.name)
    assert run["run"] == found.run and run["status"] == "finished"
    told = f"The run is whole in its folder; send it again with: omloop mirror {student.name} {found.run}"
    assert caplog.messages[-1].endswith(told)


@pytest.mark.slow
def test_mlflow_and_wandb_at_once_each_in_the_workspace(student: Project, workspace: Workspace) -> None:
    pytest.importorskip("wandb")
    there = with_mirrors(workspace, "mlflow, wandb:offline")
    done = turn(Plan.of(student, SMALL, there))
    client = client_of(f"sqlite:///{there.root}/mlflow.db")
    assert client.get_model_version_by_alias(student.name, "champion").tags["omloop_version"] == done.version
    (folder,) = there.root.glob(f"wandb/offline-run-*-{done.run}")
    assert (folder / "files/plots/importance.png").stat().st_size > 1000
    there.tracker().annotate(student.name, done.run, mirrored.Annotation({"for": "paper"}, "late"))
    (run,) = client.search_runs([client.get_experiment_by_name(student.name).experiment_id])
    assert run.data.tags["for"] == "paper"


def test_a_mirror_that_cannot_be_had_is_told_before_anything_is_trained(
    student: Project, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'mlflow'"):
        with_mirrors(workspace, "files, mlfow").tracker()
    with pytest.raises(SettingError, match="Runs have one memory"):
        with_mirrors(workspace, "files, files:/srv/runs").tracker()
    with pytest.raises(UnknownNameError, match="For a folder write files:/srv/runs"):
        with_mirrors(workspace, "/srv/runs").tracker()
    monkeypatch.setattr("omloop.track.trackers.is_installed", lambda extra: False)
    with pytest.raises(MissingExtraError, match="mlflow"):
        with_mirrors(workspace, "mlflow").tracker().start("toy", "", {})
    assert not (workspace.root / "runs").exists()


def test_a_wrong_setting_of_mirrors_stops_no_promotion(
    turned: Workspace, student: Project, caplog: pytest.LogCaptureFixture
) -> None:
    registry = with_mirrors(turned, "mlfow").registry(student.name)
    champion = registry.champion()
    assert champion is not None
    registry._changed()
    assert "No track backend is called 'mlfow'" in caplog.text
