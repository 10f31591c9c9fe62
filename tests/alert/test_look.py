"""A look from the file to the receiver: also when it is killed between what is remembered and what is delivered."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from omloop.alert import Alert, Alerts, Rule, Signal, Silence, look, read_state, send_test, silence
from omloop.alert.file import FileSink
from omloop.alert.textfile import Textfile
from omloop.alert.webhook import WebhookSink

StartHook = Callable[..., AbstractContextManager[Any]]
RULES = (Rule("slow", "ms", above=50.0),)
ONCE = """
import sys
from pathlib import Path
from omloop.alert import Alerts, Rule, Signal, look
from omloop.alert.webhook import WebhookSink
home, url, value, now = sys.argv[1:]
alerts = Alerts((Rule("slow", "ms", above=50.0),), {"chat": WebhookSink(url, private=True)})
look(alerts, "rides", Path(home), {"ms": Signal(float(value))}, float(now))
"""


class Broken:
    """A sink that always fails."""

    def send(self, alert: Alert) -> None:
        raise RuntimeError("broken")


def once(home: Path, url: str, value: float, now: float) -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", ONCE, str(home), url, str(value), str(now)]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


def states(server: Any) -> list[str]:
    return [json.loads(one.body)["state"] for one in server.received]


def test_looks_of_separate_processes_neither_repeat_nor_forget(tmp_path: Path, hook: StartHook) -> None:
    with hook(200) as server:
        for minute, value in enumerate([10, 60, 70, 30, 20]):
            assert once(tmp_path, server.url, value, 60.0 * minute).wait() == 0
    assert states(server) == ["raised", "resolved"]
    assert len({json.loads(one.body)["id"] for one in server.received}) == 1


def test_an_answer_of_500_twice_is_tried_a_third_time(tmp_path: Path, hook: StartHook) -> None:
    with hook(500, 500, 200) as server:
        alerts = Alerts(RULES, {"chat": WebhookSink(server.url, private=True)})
        for now in (0.0, 5.0, 60.0, 120.0, 180.0):
            look(alerts, "rides", tmp_path, {"ms": Signal(60.0)}, now)
    assert states(server) == ["raised"] * 3 and read_state(tmp_path, "rides").owed == ()
    assert len({one.headers["Idempotency-Key"] for one in server.received}) == 1


def test_killed_while_it_delivers_the_next_look_delivers(
    tmp_path: Path, hook: StartHook, wait_for: Callable[..., None]
) -> None:
    with hook(0, 200) as server:  # the first request is never answered
        process = once(tmp_path, server.url, 60.0, 0.0)
        wait_for(lambda: len(server.received) == 1)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert [owed.sink for owed in read_state(tmp_path, "rides").owed] == ["chat"]
        assert once(tmp_path, server.url, 60.0, 60.0).wait() == 0
        assert once(tmp_path, server.url, 60.0, 120.0).wait() == 0
    assert states(server) == ["raised", "raised"]
    assert len({one.headers["Idempotency-Key"] for one in server.received}) == 1
    assert read_state(tmp_path, "rides").owed == ()


def test_killed_after_it_remembered_and_before_it_delivered_nothing_is_forgotten(
    tmp_path: Path, hook: StartHook
) -> None:
    die = "import os\nsys.modules['omloop.alert.look'].deliver = lambda *_, **__: os.kill(os.getpid(), 9)\n"
    code = ONCE.replace("home, url", f"{die}home, url")
    with hook(200) as server:
        killed = subprocess.run([sys.executable, "-c", code, str(tmp_path), server.url, "60", "0"], check=False)
        assert killed.returncode == -signal.SIGKILL and server.received == []
        assert once(tmp_path, server.url, 60.0, 60.0).wait() == 0
    assert states(server) == ["raised"]


def test_one_dead_sink_keeps_no_other_from_being_told(tmp_path: Path) -> None:
    file = FileSink(tmp_path / "alerts.jsonl")
    alerts = Alerts(RULES, {"broken": Broken(), "full": FileSink(Path("/dev/full")), "file": file})
    for now in range(0, 600, 60):
        look(alerts, "rides", tmp_path, {"ms": Signal(60.0)}, float(now))
    assert len(file.path.read_text().splitlines()) == 1
    assert {owed.sink for owed in read_state(tmp_path, "rides").owed} == {"broken", "full"}


def test_a_board_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    alerts = Alerts(RULES, {}, (Textfile(tmp_path / "x"), Textfile(tmp_path)))
    assert len(look(alerts, "rides", tmp_path, {"ms": Signal(60.0)}, 0.0)) == 1
    assert 'alert="slow",severity="warning"} 1' in (tmp_path / "omloop_alerts_rides.prom").read_text()


def test_a_silence_is_kept_and_the_newer_one_counts(tmp_path: Path) -> None:
    silence("rides", tmp_path, Silence(0.0, 1000.0, "new sensors"))
    assert look(Alerts(RULES, {}), "rides", tmp_path, {"ms": Signal(60.0)}, 10.0) == ()
    silence("rides", tmp_path, Silence(0.0, 20.0, "over"))
    assert len(look(Alerts(RULES, {}), "rides", tmp_path, {"ms": Signal(60.0)}, 30.0)) == 1


def test_a_test_goes_through_each_sink_and_leaves_the_state_alone(tmp_path: Path, hook: StartHook) -> None:
    with hook(200) as server:
        sinks = {"chat": WebhookSink(server.url, private=True), "broken": Broken()}
        found = send_test(Alerts(RULES, sinks, (Textfile(tmp_path),)), "rides", tmp_path, 0.0)
    assert [*found.values()] == ["", "it failed with RuntimeError", ""]
    assert states(server) == ["test"] and not (tmp_path / "state.json").exists()


def test_no_secret_is_in_the_state_or_the_log(
    tmp_path: Path, nobody: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOOK_URL", f"http://127.0.0.1:{nobody}/T0KEN")
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    alerts = Alerts(RULES, {"chat": WebhookSink("", "HOOK_URL", "HOOK_SECRET", private=True)})
    look(alerts, "rides", tmp_path, {"ms": Signal(60.0)}, 0.0)
    kept = "".join(path.read_text() for path in tmp_path.iterdir()) + "".join(capfd.readouterr())
    assert "cannot be reached" in kept and "T0KEN" not in kept and "s3cret" not in kept
