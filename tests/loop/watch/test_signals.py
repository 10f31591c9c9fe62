import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omloop.core import Alarm, Estimate, Movement, Project
from omloop.drift import Rise
from omloop.loop import Workspace
from omloop.loop.watch.look import Observation
from omloop.loop.watch.signals import METRICS, log_signals, seen_signals, signals_of

GoLive = Callable[..., None]


QUIET, LIVE = Rise(500, None, None, 0.1), {"rmse": Estimate(9.0, 8.5, 9.5)}


def seen(name: str, **more: Any) -> Observation:
    known = Observation(name, "v", rows=300, labelled=0, labelled_ever=0, main="rmse", higher_is_better=False)
    return replace(known, **more)


def test_what_cannot_be_told_yet_is_no_signal() -> None:
    assert seen_signals(seen("a")) == {}


def test_what_was_found_is_told_with_its_words() -> None:
    alarm = Alarm(5, 2, 4, (Movement("age", 0.0, 1.0, True), Movement("sex", 0.0, 1.0, True)), 0.01)
    found = seen_signals(
        seen(
            "a",
            buckets=6,
            alarm=alarm,
            live=LIVE,
            rise=replace(QUIET, rang=400, live=Estimate(9.0, 8.5, 9.5), tested=4.0),
            broken=("age is absent",),
        )
    )
    assert (found["drift"].value, found["drift"].detail) == (1.0, "age, sex moved")
    assert (
        found["loss"].value == 1.0
        and "the error rose, it is 9.00 [8.50, 9.50] since then and was 4.00 in the test" in found["loss"].detail
    )
    assert (found["broken"].value, found["broken"].detail) == (1.0, "age is absent")
    assert found["live.rmse"].value == 9.0 and "9.00 [8.50, 9.50]" in found["live.rmse"].detail


def test_a_quiet_look_says_that_all_is_well() -> None:
    found = seen_signals(seen("a", buckets=6, live=LIVE, rise=QUIET))
    assert [found[name].value for name in ("drift", "broken", "loss")] == [0.0] * 3


def test_the_log_tells_latency_and_silence(student: Project, turned: Workspace, go_live: GoLive) -> None:
    now = time.time()
    silent = log_signals(student.name, turned, now + 50.0)
    assert silent["traffic.silence_s"].value == silent["labels.silence_s"].value > 49.0, "counted from the promotion"
    assert "latency.p99_ms" not in silent and silent["log.backlog_mb"].value == 0.0
    go_live(turned, 50, drift=0.0, seed=5, labelled=False)
    now = time.time()
    found = log_signals(student.name, turned, now + 60.0)
    assert 60.0 <= found["traffic.silence_s"].value < 90.0
    assert found["labels.silence_s"].value >= found["traffic.silence_s"].value
    assert found["latency.p50_ms"].value == found["latency.p99_ms"].value == 1.0
    assert found["log.backlog_mb"].value > 0.0
    assert "latency.p99_ms" not in log_signals(student.name, turned, now + 3600.0), "that was an hour ago"


def test_every_signal_is_one_that_a_rule_may_ask_for(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 20, drift=0.0, seed=5)
    look = seen(student.name, buckets=6, live=LIVE, rise=QUIET)
    found = signals_of(look, turned, time.time(), server="http://127.0.0.1:9")
    assert set(found) <= set(METRICS) and {"server.down", "drift", "traffic.silence_s"} <= set(found)
