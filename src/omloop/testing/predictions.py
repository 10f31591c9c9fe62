"""The contract of every memory of predictions."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from omloop.core import PROBE_KEY, Label, Prediction, Predictions, RefusalCount, Shadow, StoreError


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
        """`find` gives back all that `record` got."""
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
        """The log keeps predictions and labels outside the object."""
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
        """The log refuses a label of no prediction by name, and keeps the others of its batch."""
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
        """`newest` counts only predictions with a label if the caller asks only for those."""
        predictions = reopen()
        predictions.record([a_prediction(name, time) for time, name in enumerate("abcd")])
        predictions.feedback([Label("a", 1.0, 5.0), Label("b", 2.0, 5.0)])
        window = predictions.window(newest=1, labelled=True)
        assert [found.id for found in window.predictions] == ["b"]

    def test_what_only_tested_a_server_is_found_and_is_in_no_window(self, reopen: Callable[[], Predictions]) -> None:
        """The key `PROBE_KEY` keeps a prediction out of windows, whatever else the caller asks of them."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0), replace(a_prediction("b", 2.0), key=PROBE_KEY)])
        predictions.record([replace(a_prediction("c", 3.0), key=None)])
        assert predictions.feedback([Label("b", 1.0, 5.0)]).accepted == 1
        found = predictions.find("b")
        assert found is not None and (found["key"], found["label"]) == (PROBE_KEY, 1.0)
        assert [one.id for one in predictions.window(version="v1", newest=2).predictions] == ["a", "c"]
        assert predictions.window(labelled=True).predictions == ()

    def test_a_window_can_go_on_after_another(self, reopen: Callable[[], Predictions]) -> None:
        """`after` and `oldest` read a log piece by piece, and miss nothing of equal times."""
        predictions = reopen()
        predictions.record([a_prediction(name, 1.0 + (name == "d")) for name in "abcd"])
        first = predictions.window(oldest=2).predictions
        assert [one.id for one in first] == ["a", "b"]
        rest = predictions.window(version="v1", after=(first[-1].time, first[-1].id), oldest=5).predictions
        assert [one.id for one in rest] == ["c", "d"]

    def test_what_comes_late_is_behind_what_was_known(self, reopen: Callable[[], Predictions]) -> None:
        """A log has an order of its own: a record of another process with an earlier time is still a newer one."""
        predictions = reopen()
        predictions.record([a_prediction(name, moment) for name, moment in (("b", 5.0), ("c", 9.0))])
        before = predictions.position()
        reopen().record([a_prediction(name, moment) for name, moment in (("d", 7.0), ("a", 1.0))])
        after = predictions.position()
        assert after.index == before.index == reopen().position().index
        late = predictions.window(version="v1", known=(before.entry, after.entry), oldest=9)
        assert [one.id for one in late.predictions] == ["a", "d"]
        page = predictions.window(known=(0, after.entry), after=(5.0, "b"), oldest=1).predictions
        assert [one.id for one in page] == ["d"]
        assert predictions.window(known=(after.entry, predictions.position().entry)).predictions == ()

    def test_what_was_refused_is_counted_and_is_in_no_window(self, reopen: Callable[[], Predictions]) -> None:
        """Refusals lie beside the predictions, by version, with an order of their own."""
        predictions = reopen()
        predictions.record_refusals(
            [RefusalCount(2.0, "v1", "age", "empty", 3), RefusalCount(1.0, "v2", "age", "refused", 1)]
        )
        before = predictions.position()
        reopen().record_refusals([RefusalCount(1.0, "v1", "(body)", "undecodable", 9)])
        assert predictions.refusals("v1") == (
            RefusalCount(1.0, "v1", "(body)", "undecodable", 9),
            RefusalCount(2.0, "v1", "age", "empty", 3),
        )
        late = predictions.refusals("v1", known=(before.refusal, predictions.position().refusal))
        assert [one.rows for one in late] == [9]
        assert predictions.window().predictions == () and predictions.count() == 0

    def test_live_predictions_and_labels_are_counted(self, reopen: Callable[[], Predictions]) -> None:
        """Two labels of one prediction count once; predictions that only tested the server do not count."""
        predictions = reopen()
        assert (predictions.count(), predictions.count(labelled=True)) == (0, 0)
        predictions.record([a_prediction("a", 1.0), a_prediction("b", 2.0)])
        predictions.record([replace(a_prediction("c", 3.0), key=PROBE_KEY)])
        predictions.feedback([Label("a", 1.0, 5.0), Label("a", 2.0, 6.0), Label("c", 1.0, 5.0)])
        assert (predictions.count(), predictions.count(labelled=True)) == (2, 1)
        assert (predictions.count(since=1.0), predictions.count(since=0.0, labelled=True)) == (1, 1)
        window = predictions.window(labelled=True)
        assert (window.labels, window.label_times) == ({"a": 2.0}, {"a": 6.0})

    def test_tidying_loses_nothing(self, reopen: Callable[[], Predictions]) -> None:
        """Predictions and labels are the same afterwards, and more can follow."""
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

    def test_what_a_version_on_trial_answered_lies_beside_the_prediction(
        self, reopen: Callable[[], Predictions]
    ) -> None:
        """A window with both answers and the label, and an answer that failed; no other window has any of it."""
        predictions = reopen()
        predictions.record([a_prediction(name, time) for time, name in enumerate("abcd")])
        answers = [a_shadow("b", 1.0, {"value": 7.5}), a_shadow("a", 2.0, None)]
        predictions.record_shadows([*answers, a_shadow("d", 4.0, {"value": 1.0}, version="v3")])
        predictions.feedback([Label("b", 60.0, 9.0)])
        window = reopen().shadowed("v2")
        assert window.predictions == (a_prediction("a", 0.0), a_prediction("b", 1.0))
        assert window.shadows == {"a": answers[1], "b": answers[0]}
        assert (window.labels, window.label_times) == ({"b": 60.0}, {"b": 9.0})
        assert [one.id for one in predictions.shadowed("v2", newest=1).predictions] == ["b"]
        assert predictions.shadowed("v1").predictions == ()
        assert predictions.window(version="v2").predictions == () and predictions.window().shadows == {}
        assert len(predictions.window().predictions) == 4

    def test_a_shadow_may_come_before_its_prediction_and_comes_once(self, reopen: Callable[[], Predictions]) -> None:
        """Processes write at their own pace; of two answers the first stays, one of no prediction is in no window."""
        predictions = reopen()
        predictions.record_shadows([a_shadow("a", 1.0, {"value": 7.5}), a_shadow("x", 1.0, {"value": 7.5})])
        predictions.record([a_prediction("a", 1.0)])
        predictions.record_shadows([a_shadow("a", 2.0, {"value": 8.5})])
        assert dict(reopen().shadowed("v2").shadows) == {"a": a_shadow("a", 1.0, {"value": 7.5})}

    def test_after_close_every_call_is_an_error(self, reopen: Callable[[], Predictions]) -> None:
        """A closed memory says so."""
        predictions = reopen()
        predictions.record([a_prediction("a", 1.0)])
        predictions.close()
        with pytest.raises(StoreError, match="closed"):
            predictions.record([a_prediction("b", 2.0)])
        with pytest.raises(StoreError, match="closed"):
            predictions.window()


def a_shadow(name: str, moment: float, output: Mapping[str, object] | None, *, version: str = "v2") -> Shadow:
    """An answer of a version on trial."""
    return Shadow(name, moment, version, output, 0.25)


def a_prediction(name: str, moment: float, *, version: str = "v1") -> Prediction:
    """A prediction with a field of each JSON type that matters."""
    inputs, output = {"age": 19, "word": "naïve\n"}, {"value": 61.25}
    return Prediction(name, float(moment), version, inputs, output, 0.5, "int8.onnx", "caller-7")
