"""The contract of every memory of predictions."""

from collections.abc import Callable

import pytest

from omloop.core import Label, Prediction, Predictions, StoreError


class PredictionsContract:
    """Tests that every `Predictions` must pass. Inherit, and supply the fixture `reopen`.

    `reopen()` opens the same memory, empty at the start of a test, as a process that starts anew would.
    """

    def test_nothing_is_found_in_an_empty_memory(self, reopen: Callable[[], Predictions]) -> None:
        """An empty memory answers."""
        predictions = reopen()
        assert predictions.find("a") is None
        assert predictions.window().predictions == ()

    def test_a_recorded_prediction_is_found_at_once(self, reopen: Callable[[], Predictions]) -> None:
        """`find` gives back all that was recorded."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.5)])
        found = predictions.find("a")
        assert found == {
            "id": "a",
            "time": 1.5,
            "version": "v1",
            "inputs": {"age": 19, "word": "naïve\n"},
            "output": {"value": 61.25},
            "latency_ms": 0.5,
            "variant": "int8.onnx",
            "key": "caller-7",
            "label": None,
        }

    def test_another_process_sees_what_was_recorded(self, reopen: Callable[[], Predictions]) -> None:
        """Predictions and labels are kept, not remembered by the object."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0)])
        predictions.feedback([Label("a", 60.0, 2.0)])
        window = reopen().window()
        assert window.predictions == (a_prediction("a", 1.0),)
        assert window.labels == {"a": 60.0}

    def test_recording_nothing_changes_nothing(self, reopen: Callable[[], Predictions]) -> None:
        """An empty batch is no error."""
        predictions = reopen()
        predictions.record([])
        assert predictions.window().predictions == ()

    def test_a_label_may_come_late_and_through_another_process(self, reopen: Callable[[], Predictions]) -> None:
        """A label finds its prediction, whoever recorded it."""
        reopen().record([a_prediction("a", 1.0)])
        later = reopen()
        assert later.feedback([Label("a", 60.0, 9e5)]).accepted == 1
        assert later.window(labelled=True).labels == {"a": 60.0}

    def test_a_repeated_label_is_told_and_changes_nothing(self, reopen: Callable[[], Predictions]) -> None:
        """Sending feedback twice is safe."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0)])
        predictions.feedback([Label("a", 60.0, 2.0)])
        receipt = reopen().feedback([Label("a", 60.0, 3.0)])
        assert (receipt.accepted, receipt.repeated, receipt.changed) == (0, 1, 0)

    def test_of_contradicting_labels_the_one_that_came_last_counts(self, reopen: Callable[[], Predictions]) -> None:
        """The order of arrival decides, not the labels' own times."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0)])
        predictions.feedback([Label("a", 60.0, 9.0)])
        assert reopen().feedback([Label("a", 70.0, 5.0)]).changed == 1
        assert predictions.window().labels == {"a": 70.0}

    def test_labels_of_unknown_predictions_are_named_and_not_kept(self, reopen: Callable[[], Predictions]) -> None:
        """A label of no prediction is refused by name; the others of its batch are kept."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0)])
        receipt = predictions.feedback([Label("x", 60.0, 2.0), Label("a", 60.0, 2.0)])
        assert (receipt.accepted, receipt.unknown) == (1, ("x",))
        assert predictions.feedback([Label("x", 60.0, 2.0)]).repeated == 0

    def test_a_window_is_oldest_first_whatever_the_order_of_recording(self, reopen: Callable[[], Predictions]) -> None:
        """Time orders a window."""
        predictions = reopen()
        predictions.record([a_prediction("b", 2.0), a_prediction("a", 1.0)])
        assert [found.id for found in predictions.window().predictions] == ["a", "b"]

    def test_a_window_can_be_of_one_version_and_of_the_newest(self, reopen: Callable[[], Predictions]) -> None:
        """`version` and `newest` narrow a window."""
        predictions = reopen()
        predictions.record([a_prediction(name, time) for time, name in enumerate("abcd")])
        predictions.record([a_prediction("e", 9.0, version="v2")])
        window = predictions.window(version="v1", newest=2)
        assert [found.id for found in window.predictions] == ["c", "d"]

    def test_a_window_can_be_of_labelled_predictions_alone(self, reopen: Callable[[], Predictions]) -> None:
        """`newest` counts those with a label when only those are asked for."""
        predictions = reopen()
        predictions.record([a_prediction(name, time) for time, name in enumerate("abcd")])
        predictions.feedback([Label("a", 1.0, 5.0), Label("b", 2.0, 5.0)])
        window = predictions.window(newest=1, labelled=True)
        assert [found.id for found in window.predictions] == ["b"]

    def test_tidying_loses_nothing(self, reopen: Callable[[], Predictions]) -> None:
        """Predictions and labels are the same afterwards, and more can be added."""
        predictions = reopen()
        predictions.record([a_prediction(name, time) for time, name in enumerate("abcd")])
        predictions.feedback([Label("a", 1.0, 5.0)])
        before = predictions.window()
        predictions.close()
        again = reopen()
        again.tidy()
        assert again.window() == before
        again.record([a_prediction("e", 9.0)])
        assert again.feedback([Label("a", 2.0, 5.0), Label("e", 2.0, 9.0)]).changed == 1
        again.tidy()
        assert len(reopen().window().predictions) == 5

    def test_after_close_every_call_is_an_error(self, reopen: Callable[[], Predictions]) -> None:
        """A closed memory says so."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0)])
        predictions.close()
        with pytest.raises(StoreError, match="closed"):
            predictions.record([a_prediction("b", 2.0)])
        with pytest.raises(StoreError, match="closed"):
            predictions.window()


def a_prediction(name: str, moment: float, *, version: str = "v1") -> Prediction:
    """A prediction with a field of each JSON type that matters."""
    inputs, output = {"age": 19, "word": "naïve\n"}, {"value": 61.25}
    return Prediction(name, float(moment), version, inputs, output, 0.5, "int8.onnx", "caller-7")
