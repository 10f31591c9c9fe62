"""Predictions in buckets: real clients against moto's S3 and a small server of Google's JSON API."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from omloop.core import Label, Prediction, Predictions, RefusalCount, Shadow, StoreError
from omloop.monitor import remote
from omloop.monitor.log.keeping import Keeping
from omloop.monitor.remote import RemotePredictions
from omloop.register import STORES
from omloop.testing.predictions import PredictionsContract, a_prediction

pytest.importorskip("gcsfs")
pytest.importorskip("s3fs")
pytest.importorskip("moto")

DAY_S = 86_400.0


@pytest.fixture(params=["gs", pytest.param("s3", marks=pytest.mark.slow)])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FETCH_S", 0.0)


class SentAtOnce(RemotePredictions):
    """A memory that sends before it answers, so that other machines see all of it."""

    def record(self, predictions: Sequence[Prediction]) -> None:
        super().record(predictions)
        self._exchange.send()

    def record_shadows(self, shadows: Sequence[Shadow]) -> None:
        super().record_shadows(shadows)
        self._exchange.send()

    def record_refusals(self, refusals: Sequence[RefusalCount]) -> None:
        super().record_refusals(refusals)
        self._exchange.send()

    def feedback(self, labels: Sequence[Label]) -> Any:
        receipt = super().feedback(labels)
        self._exchange.send()
        return receipt


@pytest.fixture
def machine(bucket: str, tmp_path: Path) -> Iterator[Callable[..., SentAtOnce]]:
    """The memory of the project `toy` as a machine sees it, by the machine's name."""
    opened: list[SentAtOnce] = []

    def open_there(name: str, **more: Any) -> SentAtOnce:
        store = STORES.open(f"{bucket}/predictions", tmp_path / "cache")
        opened.append(SentAtOnce(tmp_path / name / "toy", store, **more))
        return opened[-1]

    yield open_there
    for memory in opened:
        memory.close()


@pytest.mark.slow
class TestOnOneMachine(PredictionsContract):
    """Processes that share a folder."""

    @pytest.fixture
    def reopen(self, machine: Callable[..., SentAtOnce]) -> Callable[[], Predictions]:
        return lambda: machine("one")


class TestOnManyMachines(PredictionsContract):
    """Each time the memory is opened, it is on another machine."""

    @pytest.fixture
    def reopen(self, machine: Callable[..., SentAtOnce]) -> Callable[[], Predictions]:
        numbers = itertools.count()
        return lambda: machine(f"machine-{next(numbers)}")

    def test_what_comes_late_is_behind_what_was_known(self, reopen: Callable[[], Predictions]) -> None:
        """Each machine has an index, and thereby an order, of its own."""
        predictions = reopen()
        predictions.record([a_prediction("b", 5.0)])
        before = predictions.position()
        reopen().record([a_prediction("a", 1.0)])
        after = predictions.position()
        assert before.index == after.index != reopen().position().index
        (late,) = predictions.window(known=(before.entry, after.entry)).predictions
        assert late.id == "a"


def test_a_label_comes_through_a_server_that_never_saw_the_prediction(machine: Callable[..., SentAtOnce]) -> None:
    one, other = machine("one"), machine("other")
    one.record([a_prediction("a", 1.0)])
    assert other.feedback([Label("a", 60.0, 2.0)]).accepted == 1
    assert one.window().labels == {"a": 60.0}


def test_a_machine_that_died_is_followed_by_one_that_sees_all_it_sent(machine: Callable[..., SentAtOnce]) -> None:
    one = machine("one")
    for number in range(3):
        one.record([a_prediction(str(number), float(number))])
    assert [each.id for each in machine("empty").window().predictions] == ["0", "1", "2"]


def test_the_log_is_kept_here_while_the_bucket_is_away(machine: Callable[..., SentAtOnce], object_service: Any) -> None:
    one = machine("one")
    one.record([a_prediction("a", 1.0)])
    object_service.fail(*["forbidden"] * 100)
    with pytest.raises(StoreError, match="Cannot write"):
        one.record([a_prediction("b", 2.0)])
    with pytest.raises(StoreError, match="Cannot list"):
        one.window()
    object_service.fail()
    machine("one")._exchange.send()  # as the process after it does
    assert [each.id for each in machine("other").window().predictions] == ["a", "b"]


def test_what_was_cut_off_while_it_was_fetched_is_fetched_again(
    machine: Callable[..., SentAtOnce], tmp_path: Path
) -> None:
    one, other = machine("one"), machine("other")
    one.record([a_prediction("a", 1.0), a_prediction("b", 2.0)])
    assert len(other.window().predictions) == 2
    (segment,) = (tmp_path / "other/toy/segments").glob("*.log")
    whole = segment.read_bytes()
    segment.write_bytes(whole[: len(whole) // 2])
    one.record([a_prediction("c", 3.0)])
    assert [each.id for each in machine("other").window().predictions] == ["a", "b", "c"]


def test_anothers_segment_is_compressed_when_no_more_of_it_can_come(
    machine: Callable[..., SentAtOnce], tmp_path: Path
) -> None:
    now = [100 * DAY_S]
    one, other = machine("one", clock=lambda: now[0]), machine("other", clock=lambda: now[0])
    one.record([a_prediction("a", 1.0)])
    folder = tmp_path / "other/toy/segments"
    for day, suffixes in ((0.5, [".log"]), (3.0, [".gz"])):
        now[0] = (100 + day) * DAY_S
        assert len(other.window().predictions) == 1
        other.tidy()
        assert [path.suffix for path in folder.iterdir()] == suffixes
    assert len(other.window().predictions) == 1


def test_what_is_forgotten_here_is_not_fetched_again(machine: Callable[..., SentAtOnce], tmp_path: Path) -> None:
    now, keeping = [100 * DAY_S], Keeping(seconds=5 * DAY_S)
    one, other = (machine(name, clock=lambda: now[0], keeping=keeping) for name in ("one", "other"))
    one.record([a_prediction("a", 1.0)])
    assert len(other.window().predictions) == 1
    now[0] += 7 * DAY_S
    for memory in (one, other, one, other):
        memory.tidy()
        assert memory.window() is not None
    (tmp_path / "other/toy/segments").joinpath("x").unlink(missing_ok=True)
    assert machine("third", clock=lambda: now[0], keeping=keeping).window().predictions == ()


def test_what_the_bucket_has_not_taken_is_not_forgotten(
    machine: Callable[..., SentAtOnce], object_service: Any, tmp_path: Path
) -> None:
    one = machine("one", keeping=Keeping(segment_bytes=1, most_bytes=1))
    object_service.fail(*["forbidden"] * 100)
    with pytest.raises(StoreError):
        one.record([a_prediction("a", 1.0)])
    one.tidy()
    assert len(list((tmp_path / "one/toy/segments").iterdir())) == 1
    object_service.fail()
    one._exchange.send()
    (note,) = (tmp_path / "one/toy/exchange").glob("*.sent")
    note.unlink()  # as of a process that was killed before it wrote it
    one._exchange.send()
    one.tidy()
    assert not list((tmp_path / "one/toy/segments").iterdir())


def test_whoever_ends_is_told_what_the_bucket_did_not_take(
    bucket: str, object_service: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A labelling job whose disk ends with it must not end as if all were well."""
    first, second = (
        RemotePredictions(tmp_path / "one/toy", STORES.open(f"{bucket}/predictions", tmp_path / "cache")) for _ in "ab"
    )
    first.record([a_prediction("a", 1.0)])
    assert second.feedback([Label("a", 60.0, 2.0)]).accepted == 1
    object_service.fail(*["forbidden"] * 100)
    first.close()
    assert "keep the folder until then" in caplog.text
    with pytest.raises(StoreError, match="keep the folder until then"):
        second.close()
    object_service.fail()
