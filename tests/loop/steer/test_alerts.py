"""Alerts over HTTP: how they stand, and a silence with its reason."""

from pathlib import Path
from typing import Any

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import NOW, with_champion

from omloop.alert import Signal, read_state
from omloop.loop import Workspace
from omloop.loop.watch.alerting import raise_alerts

PATH = "/projects/tiny/alerts"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_rings_is_told_as_on_the_command_line(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    routes = client(workspace, by="ada")
    before = routes.get(PATH).json()
    assert (before["looked"], before["ringing"], before["source"]) == (None, {}, "the defaults")
    raise_alerts("tiny", {"drift": Signal(1.0, "age moved")}, workspace, NOW)
    found = routes.get(PATH).json()
    assert found["ringing"] == {"drift": NOW} and "age moved" in found["history"][0]["text"]
    (drift,) = [rule for rule in found["conditions"] if rule["rule"] == "drift"]
    assert (drift["condition"], drift["severity"], drift["text"]) == ("on", "warning", "age moved")


def test_a_silence_keeps_until_when_why_and_by_whom(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    routes = client(workspace, by="ada")
    answer = routes.post(f"{PATH}/silence", json={"seconds": 7200, "reason": "new sensors"})
    assert answer.json() == {
        "silenced": NOW + 7200,
        "because": "new sensors",
        "by": "ada",
        "command": "omloop alerts tiny --silence 7200s --reason 'new sensors'",
    }
    kept = read_state(workspace.alerts("tiny"), "tiny").silence
    assert kept and (kept.because, kept.by, kept.end) == ("new sensors", "ada", NOW + 7200)
    assert routes.get(PATH).json()["silenced"][0]["by"] == "ada"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seconds": 60},
        {"seconds": 60, "reason": "  "},
        {"reason": "why"},
        *({"seconds": wrong, "reason": "why"} for wrong in (0, -1, True, "60", None, 1e99, [60])),
        {"seconds": 60, "reason": 7},
    ],
)
def test_a_silence_without_sense_is_refused_and_nothing_kept(
    body: dict[str, Any], workspace: Workspace, client: Client
) -> None:
    workspace = with_champion(workspace)
    answer = client(workspace).post(f"{PATH}/silence", json=body)
    assert answer.status_code == 422 and answer.json()["error"]["field"] in ("seconds", "reason")
    assert read_state(workspace.alerts("tiny"), "tiny").silence is None


def test_a_file_of_rules_that_is_wrong_says_where(workspace: Workspace, client: Client) -> None:
    Path("alerts.yaml").write_text("rules:\n  slow: {metric: nothing}\n")
    answer = client(with_champion(workspace)).get(PATH)
    assert answer.status_code == 422 and "alerts.yaml" in answer.json()["error"]["message"]
