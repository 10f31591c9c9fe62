import builtins
import shutil
from pathlib import Path

import msgspec
import pytest

from omloop.core import Event, StoreError
from omloop.register import FileBlobs
from omloop.register.history import History


def event(number: int, *, time: float = 0.0, by: str = "ada") -> Event:
    return Event(number, time, "add", "c0ffee123456", None, by)


def append(history: History, *, by: str = "ada") -> Event:
    return history.append(lambda events: event(len(events) + 1, time=float(len(events)), by=by))


@pytest.fixture
def history(blobs: FileBlobs) -> History:
    return History(blobs, "demo/history")


def test_an_empty_history_has_no_last_event(history: History) -> None:
    assert (history.count(), history.last(), history.events(), history.before(9e9)) == (0, None, (), None)


def test_events_are_numbered_from_one_and_read_back_in_order(history: History) -> None:
    written = tuple(append(history) for _ in range(12))
    assert [found.number for found in written] == list(range(1, 13))
    assert history.events() == written
    assert history.last() == written[-1]


def test_a_long_history_is_read_in_order(history: History, blobs: FileBlobs) -> None:
    written = tuple(append(history) for _ in range(40))
    assert History(blobs, "demo/history").events() == written


class CountingBlobs(FileBlobs):
    """Blobs that remember what was asked of them."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[str] = []

    def read(self, key: str) -> bytes:
        self.asked.append(key)
        return super().read(key)

    def list(self, prefix: str) -> builtins.list[str]:
        self.asked.append(prefix)
        return super().list(prefix)


def test_each_event_is_read_once_and_the_newest_known_one_again(tmp_path: Path) -> None:
    blobs = CountingBlobs(tmp_path)
    history, other = History(blobs, "demo/history"), History(FileBlobs(tmp_path), "demo/history")
    for _ in range(7):
        append(other)
    assert len(history.events()) == 7 and len(blobs.asked) == 1 + 7
    blobs.asked.clear()
    assert history.events() == other.events() and len(blobs.asked) == 1 + 1
    append(other), append(other), blobs.asked.clear()
    assert history.events() == other.events() and len(blobs.asked) == 1 + 1 + 2


def test_what_one_writes_oneself_is_known(tmp_path: Path) -> None:
    blobs = CountingBlobs(tmp_path)
    history = History(blobs, "demo/history")
    written = (append(history), append(history))
    blobs.asked.clear()
    assert history.known == written and not blobs.asked


@pytest.mark.parametrize("events", [1, 3, 5])
def test_a_history_that_was_begun_anew_is_read_anew(tmp_path: Path, events: int) -> None:
    """Whether the new one is shorter, as long or longer."""
    history = History(FileBlobs(tmp_path), "demo/history")
    for _ in range(3):
        append(history)
    shutil.rmtree(tmp_path / "demo")
    other = History(FileBlobs(tmp_path), "demo/history")
    for _ in range(events):
        append(other, by="bob")
    assert history.events() == other.events() and len(history.known) == events


def test_a_listing_that_lags_behind_forgets_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    written = (append(history), append(history))
    monkeypatch.setattr(history, "count", lambda: 1)
    assert history.events() == written


def test_a_writer_who_loses_a_number_takes_the_next(history: History) -> None:
    """Somebody writes between the reading and the writing, once."""
    seen = []

    def draft(events: tuple[Event, ...]) -> Event:
        seen.append(len(events))
        if len(seen) == 1:
            append(history, by="the faster one")
        return event(len(events) + 1)

    assert history.append(draft).number == 2
    assert seen == [0, 1]


def test_an_event_of_the_past_is_returned_and_not_written(history: History) -> None:
    first = append(history)
    assert history.append(lambda events: events[0]) == first
    assert history.count() == 1


def test_a_draft_that_raises_writes_nothing(history: History) -> None:
    def refuse(events: tuple[Event, ...]) -> Event:
        raise ValueError

    with pytest.raises(ValueError):
        history.append(refuse)
    assert history.count() == 0


@pytest.mark.parametrize(("time", "number"), [(-1.0, None), (0.0, 1), (1.5, 2), (4.0, 5), (99.0, 5)])
def test_the_event_before_a_time_is_found(history: History, time: float, number: int | None) -> None:
    for _ in range(5):
        append(history)
    found = history.before(time)
    assert (found.number if found else None) == number


def test_a_lost_event_is_named(history: History, tmp_path: Path) -> None:
    for _ in range(3):
        append(history)
    (tmp_path / "store/demo/history/00000002.json").unlink()
    with pytest.raises(StoreError, match=r"demo/history/00000002\.json is missing"):
        history.events()


@pytest.mark.parametrize("content", [b"", b'{"number": 1, "ti', b"[]", b"\xff\xfe", b'{"number": "one"}'])
def test_a_torn_event_is_named(history: History, blobs: FileBlobs, content: bytes) -> None:
    blobs.create("demo/history/00000001.json", content)
    with pytest.raises(StoreError, match=r"demo/history/00000001\.json is not an event"):
        history.last()


def test_foreign_files_beside_the_events_are_ignored(history: History, tmp_path: Path) -> None:
    append(history)
    for name in (".DS_Store", "00000001.json.bak", "notes.txt"):
        (tmp_path / "store/demo/history" / name).write_text("")
    assert history.count() == 1


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (event(7), "it says that it is number 7"),
        (event(1, time=1e300), r"its time is 1e\+300 seconds"),
        (event(1, time=-5.0), "its time is -5 seconds"),
    ],
)
def test_an_event_that_cannot_be_true_is_one_line_with_its_file(
    blobs: FileBlobs, history: History, damaged: Event, reason: str
) -> None:
    blobs.create("demo/history/00000001.json", msgspec.json.encode(damaged))
    with pytest.raises(StoreError, match=f"demo/history/00000001.json is damaged: {reason}"):
        history.last()
