"""`omloop alerts` as a user types it."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omloop.alert import Signal
from omloop.core import Project, install_command
from omloop.loop import Workspace
from omloop.loop.watch.alerting import raise_alerts

Say = Callable[..., tuple[int, str, str]]
Ask = Callable[..., Any]
DRIFT = {"drift": Signal(1.0, "age moved")}
FILE = "sinks:\n  file:\n  chat: {kind: webhook, url_variable: NO_SUCH_CHAT}\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_SUCH_CHAT", raising=False)


def test_before_any_look_there_is_nothing_to_show(student: Project, omloop: Say) -> None:
    code, out, _ = omloop("alerts", student.name)
    assert code == 0 and "4 rules of the defaults; no look yet" in out and "rings     nothing" in out


def test_what_rings_what_was_told_and_what_is_owed_are_shown(
    student: Project, workspace: Workspace, omloop: Say, omloop_json: Ask
) -> None:
    Path("alerts.yaml").write_text(FILE)
    raise_alerts(student.name, DRIFT, workspace, time.time())
    code, out, _ = omloop("alerts", student.name)
    assert code == 0 and "rules of alerts.yaml" in out and "age moved" in out
    assert "drift is raised (warning)" in out and "the environment variable NO_SUCH_CHAT is not set." in out
    told = omloop_json("alerts", student.name)
    assert [*told["ringing"]] == ["drift"] and [owed["sink"] for owed in told["owed"]] == ["chat"]
    assert told["history"][0]["id"] == told["owed"][0]["alert"]["id"]


def test_looks_from_cron_tell_once(
    student: Project, watched: Workspace, go_live: Callable[..., None], omloop: Say, tmp_path: Path
) -> None:
    Path("alerts.yaml").write_text("rules:\n  moved: {metric: drift}\nsinks:\n  file: {path: told.jsonl}\n")
    go_live(watched, 600, drift=1.0, seed=5, labelled=False)
    assert [omloop("watch", student.name, "--once")[0] for _ in range(3)] == [0] * 3
    (line,) = (tmp_path / "told.jsonl").read_text().splitlines()
    assert json.loads(line)["rule"] == "moved" and json.loads(line)["state"] == "raised"


def test_a_test_says_which_sink_failed(student: Project, omloop: Say, workspace: Workspace) -> None:
    Path("alerts.yaml").write_text(FILE)
    code, out, _ = omloop("alerts", student.name, "--test")
    assert code == 1 and "file         ok" in out and "NO_SUCH_CHAT is not set" in out
    assert (workspace.alerts(student.name) / "alerts.jsonl").read_text().count('"state": "test"') == 1
    Path("alerts.yaml").unlink()
    code, out, err = omloop("alerts", student.name, "--test")
    assert code == 0 and "this is a test" in err and "prometheus" in out


def test_a_silence_needs_a_reason_and_is_shown(
    student: Project, workspace: Workspace, omloop: Say, omloop_json: Ask
) -> None:
    code, _, err = omloop("alerts", student.name, "--silence", "2h")
    assert code == 1 and "A silence needs a reason" in err
    code, out, _ = omloop("alerts", student.name, "--silence", "2h", "--because", "new sensors")
    assert code == 0 and "silent until" in out
    assert raise_alerts(student.name, DRIFT, workspace, time.time()) == ()
    code, out, _ = omloop("alerts", student.name)
    assert code == 0 and "new sensors" in out and "silenced" in out
    assert omloop_json("alerts", student.name)["silenced"][0]["because"] == "new sensors"


def test_a_project_that_nobody_knows_is_refused(omloop: Say) -> None:
    code, _, err = omloop("alerts", "studnt_performance")
    assert code == 1 and "Did you mean 'student_performance'?" in err


def test_without_a_reader_of_yaml_the_extra_that_brings_it_is_told(
    student: Project, omloop: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("alerts.yaml").write_text(FILE)
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "omloop.alert.yaml", raising=False)
    code, _, err = omloop("alerts", student.name)
    assert code == 1 and install_command("watch") in err
