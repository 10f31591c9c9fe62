import json
from pathlib import Path

import pytest
from tests.track.test_outbox import FakeMirror

from omloop.core import Annotation
from omloop.testing.tracker import TrackerContract
from omloop.track import MirroredTracker
from omloop.track.files import FileTracker
from omloop.track.outbox import Outbox


class TestMirroredTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> MirroredTracker:
        return MirroredTracker(FileTracker(tmp_path), [Outbox("fake", FakeMirror)])


def test_a_run_goes_to_the_memory_and_to_every_mirror(tmp_path: Path) -> None:
    mirrors = [FakeMirror(), FakeMirror()]
    tracker = MirroredTracker(FileTracker(tmp_path), [Outbox("fake", lambda m=m: m) for m in mirrors])
    run = tracker.start("toy", "seed: 1\n", {})
    run.log(3, {"loss": 0.5})
    run.keep("a.png", b"")
    tracker.annotate("toy", run.name, Annotation({"for": "paper"}))
    run.finish("finished", {})
    tracker.annotate("toy", run.name, Annotation({"for": ""}))
    for mirror in mirrors:
        assert mirror.told[0] == ("start", "toy", run.name) and ("log", 3) in mirror.told
        assert {("keep", "config.yaml"), ("keep", "environment.json"), ("keep", "a.png")} <= set(mirror.told)
        assert mirror.told[-2:] == [("finish", "finished"), ("annotate", run.name)]
    assert json.loads(tracker.read("toy", run.name, "metrics.jsonl"))["loss"] == 0.5


def test_a_run_that_a_mirror_missed_is_sent_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    away = [True]

    def fail(verb: str) -> None:
        if away[0]:
            raise ConnectionError("it is away")

    mirror = FakeMirror(fail)
    tracker = MirroredTracker(FileTracker(tmp_path), [Outbox("fake", lambda: mirror)])
    run = tracker.start("toy", "seed: 1\n", {})
    for step in range(1500):
        run.log(step, {"loss": 0.5})
    run.keep("a.png", b"png")
    tracker.annotate("toy", run.name, Annotation({"for": "paper"}))
    run.finish("finished", {})
    assert mirror.told == [] and f"omloop mirror toy {run.name}" in caplog.text
    away[0] = False
    (found,) = tracker.list("toy")
    assert tracker.resend("toy", found) == ""
    logged = [step for verb, *steps in mirror.told if verb == "log" for step in steps]
    assert mirror.told[0] == ("start", "toy", run.name) and logged == list(range(1500))
    assert ("keep", "a.png") in mirror.told and mirror.told[-2:] == [("annotate",), ("finish", "finished")]
