"""What every tracker must do; an adapter's test inherits this and supplies the fixture `tracker`."""

import pytest

from omloop.core import Tracker


class TrackerContract:
    """Runs are kept with their configuration, numbers, files and end."""

    @pytest.fixture
    def tracker(self) -> Tracker:
        """The tracker under test, empty."""
        raise NotImplementedError

    def test_a_finished_run_is_listed_with_its_summary(self, tracker: Tracker) -> None:
        """Status and summary can be found again by the run's name."""
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
        assert sorted(found["run"] for found in tracker.list("toy")) == sorted(names)
        assert [found["status"] for found in tracker.list("other")] == ["failed"]

    def test_nothing_is_listed_before_the_first_run(self, tracker: Tracker) -> None:
        """An empty memory is no error."""
        assert list(tracker.list("toy")) == []
