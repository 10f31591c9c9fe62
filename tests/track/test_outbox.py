import threading
from collections.abc import Callable, Mapping, Sequence

import pytest

from omloop.core import Annotation, LoggedStep, MirrorRun, MissingExtraError, VersionLine
from omloop.track import outbox as module
from omloop.track.outbox import Outbox, OutboxRun


class FakeMirror:
    """Writes down what it is told; `fail` is called first, with the verb."""

    def __init__(self, fail: Callable[[str], None] = lambda verb: None) -> None:
        self.told: list[object] = []
        self._fail = fail

    def note(self, verb: str, *words: object) -> None:
        self._fail(verb)
        self.told.append((verb, *words))

    def start(self, project: str, run: str, config: str, facts: Mapping[str, object]) -> MirrorRun:
        self.note("start", project, run)
        return FakeRun(self)

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        self.note("annotate", run)

    def register(self, line: VersionLine) -> None:
        self.note("register", line.champion)


class FakeRun:
    def __init__(self, mirror: FakeMirror) -> None:
        self._mirror = mirror

    def log(self, steps: Sequence[LoggedStep]) -> None:
        self._mirror.note("log", *(one.step for one in steps))

    def keep(self, name: str, content: bytes) -> None:
        self._mirror.note("keep", name)

    def annotate(self, change: Annotation) -> None:
        self._mirror.note("annotate")

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        self._mirror.note("finish", status)


def open_run(mirror: FakeMirror, **more: Callable[[], None]) -> tuple[Outbox, OutboxRun]:
    outbox = Outbox("fake", lambda: mirror, **more)
    return outbox, outbox.start_run(lambda found: found.start("toy", "a", "", {}))


def log(run: OutboxRun, *steps: int) -> None:
    for step in steps:
        run.log(LoggedStep(step, 0.0, {"loss": 1.0}))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_S", (0.01,))
    monkeypatch.setattr(module, "EVERY_S", 0.01)


def test_everything_arrives_in_order_and_numbers_together() -> None:
    mirror = FakeMirror()
    outbox, run = open_run(mirror)
    log(run, 1, 2)
    run.put(lambda found: found.keep("a.png", b""), "a.png")
    assert outbox.wait(10) == ""
    steps = [step for told in mirror.told if told[0] == "log" for step in told[1:]]
    assert steps == [1, 2]
    assert [told[0] for told in mirror.told if told[0] != "log"] == ["start", "keep"]


def test_what_is_out_of_reach_is_tried_again_and_nothing_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[str] = []
    back = threading.Event()

    def away(verb: str) -> None:
        tries.append(verb)
        if len(tries) <= 5:
            raise ConnectionError("http://ada:pw@host cannot be reached")
        back.set()

    mirror = FakeMirror(away)
    outbox, run = open_run(mirror)
    log(run, 1)
    assert back.wait(10)
    assert outbox.wait(10) == ""
    assert mirror.told == [("start", "toy", "a"), ("log", 1)]
    assert len(caplog.records) == 1 and "pw" not in caplog.text


def test_a_mirror_that_stays_away_is_not_waited_for_and_what_it_lacks_is_told() -> None:
    def away(verb: str) -> None:
        raise ConnectionError("down")

    outbox, run = open_run(FakeMirror(away))
    log(run, 1, 2)
    run.put(lambda found: found.keep("a.png", b""), "a.png")
    assert outbox.wait(600) == "2 numbers, the run, a.png (down)"
    assert outbox.wait(600) == ""


def test_a_mirror_that_hangs_is_waited_for_so_long_and_ended() -> None:
    hanging, ended = threading.Event(), threading.Event()

    def hang(verb: str) -> None:
        hanging.set()
        ended.wait(60)
        raise OSError("its process ended")

    outbox, run = open_run(FakeMirror(hang), give_up=ended.set)
    log(run, 1)
    hanging.wait(10)
    assert "1 numbers" in outbox.wait(0.01)
    assert ended.is_set()


def test_what_a_mirror_does_not_take_is_left_out_and_the_rest_arrives(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(verb: str) -> None:
        if verb == "keep":
            raise ValueError("no such name")

    mirror = FakeMirror(refuse)
    outbox, run = open_run(mirror)
    for name in ("a", "b"):
        run.put(lambda found: found.keep("", b""), name)
    run.put(lambda found: found.finish("finished", {}), "how it ended")
    assert outbox.wait(10) == "a, b (no such name)"
    assert mirror.told[-1] == ("finish", "finished")
    assert len(caplog.records) == 1


def test_a_run_that_is_refused_is_asked_for_once() -> None:
    asked: list[str] = []

    def refuse(verb: str) -> None:
        asked.append(verb)
        raise PermissionError("not you")

    outbox, run = open_run(FakeMirror(refuse))
    log(run, 1)
    run.put(lambda found: found.keep("a", b""), "a")
    assert "not you" in outbox.wait(10)
    assert asked == ["start"]


def test_a_full_queue_drops_numbers_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STEPS", 10)
    monkeypatch.setattr(module, "MOST_FILE", 100)
    held = threading.Event()
    outbox, run = open_run(FakeMirror(lambda verb: held.wait(60) and None))
    log(run, *range(30))
    run.put(lambda found: None, "large.bin", size=101)
    held.set()
    told = outbox.wait(10)
    assert "numbers" in told and "large.bin" in told


def test_outside_of_runs_a_mirror_is_waited_for_and_its_lack_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    mirror = FakeMirror()
    Outbox("fake", lambda: mirror).tell(lambda found: found.annotate("toy", "a", Annotation()), "tags")
    assert mirror.told == [("annotate", "a")]

    def lacks() -> FakeMirror:
        raise MissingExtraError("fake", "fake", "mlflow")

    Outbox("fake", lacks).tell(lambda found: None, "tags")
    assert "has not got tags" in caplog.text


def test_a_mirror_that_no_run_needs_is_let_go_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.05)
    ended = threading.Event()
    outbox, run = open_run(FakeMirror(), give_up=ended.set)
    log(run, 1)
    outbox.wait(10)
    assert not ended.wait(0.2)
    outbox.end_run(10)
    assert ended.wait(10)
