"""What every tracker must do; an adapter's test inherits this and supplies the fixture `tracker`."""

import json

import pytest

from omloop.core import Annotation, StoreError, Tracker


class TrackerContract:
    """A tracker keeps runs with their configuration, numbers, files and end."""

    @pytest.fixture
    def tracker(self) -> Tracker:
        """The tracker under test, empty."""
        raise NotImplementedError

    def test_a_finished_run_is_listed_with_its_summary(self, tracker: Tracker) -> None:
        """The run's name leads back to its status and summary."""
        run = tracker.start("toy", "seed: 1\n", {"python": "3.11"})
        run.log(0, {"loss": 1.0})
        run.log(1, {"loss": 0.5})
        run.keep("plots/loss.png", b"\x89PNG")
        run.finish("finished", {"version": "abc"})
        (found,) = tracker.list("toy")
        assert found["run"] == run.name
        assert found["status"] == "finished"
        assert found["version"] == "abc"

    def test_runs_are_listed_newest_first_and_by_project(self, tracker: Tracker) -> None:
        """Another project's runs do not appear."""
        names = []
        for _ in range(2):
            run = tracker.start("toy", "", {})
            run.finish("finished", {})
            names.append(run.name)
        tracker.start("other", "", {}).finish("failed", {"reason": "no data"})
        assert sorted(str(found["run"]) for found in tracker.list("toy")) == sorted(names)
        assert [found["status"] for found in tracker.list("other")] == ["failed"]

    def test_nothing_is_listed_before_the_first_run(self, tracker: Tracker) -> None:
        """An empty memory is no error."""
        assert list(tracker.list("toy")) == []

    def test_what_a_run_keeps_can_be_read_again(self, tracker: Tracker) -> None:
        """The configuration, the facts, each logged step and each kept file, also before the run ends."""
        run = tracker.start("toy", "seed: 1\n", {"python": "3.11"})
        run.log(4, {"loss": 0.5})
        run.keep("kept/mlp/lift.csv", b"a,b")
        assert {"config.yaml", "environment.json", "kept/mlp/lift.csv"} <= set(tracker.files("toy", run.name))
        assert tracker.read("toy", run.name, "config.yaml") == b"seed: 1\n"
        assert json.loads(tracker.read("toy", run.name, "environment.json")) == {"python": "3.11"}
        assert tracker.read("toy", run.name, "kept/mlp/lift.csv") == b"a,b"
        (line,) = tracker.read("toy", run.name, "metrics.jsonl").splitlines()
        assert json.loads(line).items() >= {"step": 4, "loss": 0.5}.items()

    def test_a_run_can_be_annotated_at_any_time(self, tracker: Tracker) -> None:
        """Tags come together, an empty one goes, the newest note stands; the end of the run changes none of it."""
        run = tracker.start("toy", "", {})
        tracker.annotate("toy", run.name, Annotation({"by": "ada", "for": "paper"}, "first"))
        run.finish("finished", {})
        tracker.annotate("toy", run.name, Annotation({"by": "", "odd [tag]": "a=b"}))
        (found,) = tracker.list("toy")
        assert found["tags"] == {"for": "paper", "odd [tag]": "a=b"} and found["note"] == "first"
        assert found["status"] == "finished"

    def test_a_run_that_is_not_there_is_an_error(self, tracker: Tracker) -> None:
        """A wrong name never passes in silence."""
        run = tracker.start("toy", "", {})
        with pytest.raises(StoreError):
            tracker.annotate("toy", "20200101-000000-abcdef", Annotation({"a": "b"}))
        with pytest.raises(StoreError):
            tracker.read("toy", run.name, "plots/none.png")
