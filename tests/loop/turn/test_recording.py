import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omloop.core import Annotation, Fitted, Job, Project, StoreError, TrainError
from omloop.loop import Workspace
from omloop.loop.project.configure import configure, overrides_in
from omloop.loop.project.plan import Plan
from omloop.loop.turn import recording
from omloop.loop.turn.turn import train_only
from omloop.track import all_packages
from omloop.track.files import FileRun

SMALL = ["data.rows=300", "model=linear"]


def keeping(student: Project, *kept: Any) -> Project:
    """The project, whose linear model keeps something with its run."""
    model = student.models["linear"]

    def fit(job: Job) -> Fitted:
        job.keep(*kept)
        return Fitted(*vars(model.fit(job)).values())

    return replace(student, models={**student.models, "linear": replace(model, fit=fit)})


def test_a_model_keeps_files_with_its_run(student: Project, workspace: Workspace) -> None:
    project = keeping(student, "curves/lift.csv", "share,lift\n0.1,żółć\n")
    found = train_only(Plan.of(project, SMALL, workspace))
    tracker = workspace.tracker()
    assert "żółć" in tracker.read(student.name, found.run, "kept/linear/curves/lift.csv").decode()


def test_a_model_cannot_write_over_what_the_run_says(student: Project, workspace: Workspace) -> None:
    project = keeping(student, "../../run.json", b"{}")
    with pytest.raises(TrainError, match=r"cannot keep a file called '../../run.json'"):
        train_only(Plan.of(project, SMALL, workspace))
    (run,) = workspace.tracker().list(student.name)
    assert run["status"] == "failed" and run["data"]["rows"]["train"] > 200


def test_outside_of_a_run_a_job_keeps_nothing_and_checks_all(student: Project, tmp_path: Any) -> None:
    from omloop.testing.jobs import number_job

    job = number_job(tmp_path)
    job.keep("a.txt", "x")
    assert not list(tmp_path.iterdir())
    with pytest.raises(TrainError):
        job.keep("/a.txt", "x")


def test_a_run_keeps_all_that_it_depended_on(student: Project, workspace: Workspace) -> None:
    annotation = Annotation({"for": "paper"}, "first try")
    found = train_only(Plan.of(student, SMALL, workspace), annotation=annotation)
    (run,) = workspace.tracker().list(student.name)
    tracker = workspace.tracker()
    assert tracker.read(student.name, found.run, "packages.txt").decode() == all_packages()
    (*_, point) = map(json.loads, tracker.read(student.name, found.run, "system.jsonl").splitlines())
    assert point["cpu_percent"] >= 0
    assert (run["tags"], run["note"], run["kind"], run["part"]) == (
        {"for": "paper"},
        "first try",
        "train",
        "cross-validation",
    )
    r2 = run["models"]["linear"]["r2"]
    assert r2["low"] < r2["value"] < r2["high"] and run["metrics"]["r2"] == r2
    assert run["lower_is_better"] == ["rmse", "mae"]
    assert run["data"]["source"].startswith("simulated (300 rows") and len(run["data"]["fingerprint"]) == 64


def test_a_run_keeps_no_secret_of_its_configuration(student: Project, workspace: Workspace) -> None:
    words = ["data=url", "data.url='https://ada:hunter22@127.0.0.1:9/a.csv?sig=hunter23&v=1'", "model=linear"]
    config = replace(configure(student, SMALL), yaml=configure(student, words).yaml)
    found = train_only(Plan(student, student.inputs, config, workspace))
    kept = workspace.tracker().read(student.name, found.run, "config.yaml").decode()
    assert "hunter" not in kept and "url: https://***@127.0.0.1:9/a.csv?***\n" in kept
    assert overrides_in(kept) == [words[0], "data.url='https://***@127.0.0.1:9/a.csv?***'", words[2]]


def test_curves_that_cannot_be_kept_are_told_in_a_line(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep = FileRun.keep

    def on_a_full_disk(run: FileRun, name: str, content: bytes) -> None:
        if name.endswith(".png"):
            raise StoreError(f"Cannot write {name}")
        keep(run, name, content)

    monkeypatch.setattr(recording, "DRAWN", 0)
    monkeypatch.setattr(FileRun, "keep", on_a_full_disk)
    with recording.recording_of(recording.RunSubject("toy", "", None), workspace, {}) as run:
        run.finish("finished", {})
    assert "lacks: plots/system.png" in caplog.text and "Traceback" not in caplog.text


@pytest.mark.slow
def test_a_full_disk_stops_no_training_and_keeps_what_was_logged(
    student: Project, workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    model = student.models["linear"]

    def fit(job: Job) -> Fitted:
        for step in range(20_000):
            job.log(step, {"own": float(step)})
            if step % 1000 == 0:
                time.sleep(0.1)
        return Fitted(*vars(model.fit(job)).values())

    there = Workspace(replace(workspace.settings, track=f"files:{small}"))
    project = replace(student, models={**student.models, "linear": replace(model, fit=fit)})
    try:
        found = train_only(Plan.of(project, SMALL, there))
        lines = there.tracker().read(student.name, found.run, "metrics.jsonl").decode().splitlines()
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)
    steps = [one["step"] for one in map(json.loads, lines) if "linear/own" in one]
    assert len(steps) > 100 and steps == list(range(len(steps)))
    assert "No space left" in caplog.text and f"the run {found.run} lacks" in caplog.text


def test_all_packages_are_sorted_lines_of_a_name_and_a_version() -> None:
    lines = all_packages().splitlines()
    assert any(line.startswith("numpy==") for line in lines)
    assert lines == sorted(lines, key=lambda line: line.partition("==")[0].lower())
