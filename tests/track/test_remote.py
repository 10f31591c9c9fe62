"""Runs in buckets: real clients against moto's S3 and a small server of Google's JSON API."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from omloop.core import Annotation, StoreError
from omloop.register import STORES
from omloop.testing.tracker import TrackerContract
from omloop.track.remote import RemoteTracker

pytest.importorskip("gcsfs")
pytest.importorskip("s3fs")
pytest.importorskip("moto")


@pytest.fixture(params=["gs", pytest.param("s3", marks=pytest.mark.slow)])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def tracker_of(bucket: str, folder: Path) -> RemoteTracker:
    return RemoteTracker(STORES.open(f"{bucket}/runs", folder / "cache"), folder / "runs")


class TestRemoteTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, bucket: str, tmp_path: Path) -> RemoteTracker:
        return tracker_of(bucket, tmp_path)


def test_another_machine_reads_the_runs(bucket: str, tmp_path: Path) -> None:
    one, other = tracker_of(bucket, tmp_path / "one"), tracker_of(bucket, tmp_path / "other")
    run = one.start("toy", "seed: 1\n", {"python": "3.11"})
    run.log(1, {"loss": 0.5})
    run.keep("plots/loss.png", b"png")
    run.finish("finished", {"version": "abc"})
    other.annotate("toy", run.name, Annotation({"for": "paper"}))
    (found,) = other.list("toy")
    assert (found["status"], found["version"], found["tags"]) == ("finished", "abc", {"for": "paper"})
    assert other.files("toy", run.name) == one.files("toy", run.name)
    assert other.read("toy", run.name, "plots/loss.png") == b"png"
    assert b'"loss":0.5' in other.read("toy", run.name, "metrics.jsonl")
    assert next(iter(one.list("toy")))["tags"] == {"for": "paper"}


def test_a_bucket_that_goes_away_stops_no_run_and_gets_it_with_the_next(
    bucket: str, tmp_path: Path, object_service: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("omloop.track.remote.FINISH_S", 0.5)
    monkeypatch.setattr("omloop.track.remote.STOP_S", 0.5)
    tracker = tracker_of(bucket, tmp_path)
    object_service.fail(*["forbidden POST", "forbidden PUT"] * 50)
    run = tracker.start("toy", "", {})
    run.log(1, {"loss": 0.5})
    run.finish("finished", {})
    assert f"the run {run.name} is not whole in the bucket" in caplog.text
    assert [one["status"] for one in tracker.list("toy")] == ["finished"]
    object_service.fail(*["forbidden GET"] * 20)
    tracker.start("toy", "", {}).finish("killed", {})  # nor does it keep a run from beginning
    object_service.fail()
    tracker_of(bucket, tmp_path).start("toy", "", {}).finish("finished", {})
    there = {one["run"]: one["status"] for one in tracker_of(bucket, tmp_path / "other").list("toy")}
    assert there[run.name] == "finished" and len(there) == 3


def test_a_run_whose_process_was_killed_is_copied_with_the_next(bucket: str, tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from omloop.track.remote import RemoteTracker\n"
        "from omloop.register import STORES\n"
        "address, folder = sys.argv[1], Path(sys.argv[2])\n"
        "run = RemoteTracker(STORES.open(address, folder / 'cache'), folder / 'runs').start('toy', '', {})\n"
        "run.log(1, {'loss': 0.5}); run.run.flush(); print(run.name, flush=True); os.kill(os.getpid(), 9)"
    )
    words = [sys.executable, "-c", script, f"{bucket}/runs", str(tmp_path)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    killed = process.communicate()[0].strip()
    tracker_of(bucket, tmp_path).start("toy", "", {}).finish("finished", {})
    other = tracker_of(bucket, tmp_path / "other")
    assert {one["run"]: one["status"] for one in other.list("toy")}[killed] == "killed"
    assert b'"loss":0.5' in other.read("toy", killed, "metrics.jsonl")


def test_a_run_that_another_process_records_is_left_to_it(bucket: str, tmp_path: Path) -> None:
    first = tracker_of(bucket, tmp_path).start("toy", "", {})
    tracker_of(bucket, tmp_path).start("toy", "", {}).finish("finished", {})
    first.log(1, {"loss": 0.5})
    first.finish("finished", {})
    assert b'"loss":0.5' in tracker_of(bucket, tmp_path / "other").read("toy", first.name, "metrics.jsonl")


def test_a_run_of_a_machine_that_was_not_heard_of_was_killed(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tracker_of(bucket, tmp_path / "one").start("toy", "", {})
    other = tracker_of(bucket, tmp_path / "other")
    while not list(other.list("toy")):
        time.sleep(0.05)
    monkeypatch.setattr("omloop.track.remote.is_there", lambda process: None)  # as from another machine
    assert [one["status"] for one in other.list("toy")] == ["running"]
    monkeypatch.setattr("omloop.track.remote.SILENT_S", 0.0)
    assert [one["status"] for one in other.list("toy")] == ["killed"]
    run.finish("finished", {})


def test_a_bucket_that_is_not_there_is_told_before_there_is_a_run(object_service: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no bucket no-such-bucket"):
        tracker_of(f"{object_service.scheme}://no-such-bucket", tmp_path).start("toy", "", {})
    assert not (tmp_path / "runs").exists()
