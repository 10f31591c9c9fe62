"""The overview of projects, and what is known of one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import NOW, ROW, logged, with_champion

from omloop.alert import Signal
from omloop.core import PROBE_KEY, Prediction
from omloop.loop import Workspace
from omloop.loop.records.drift_state import drift_of
from omloop.loop.records.last_look import keep_look
from omloop.loop.watch.alerting import raise_alerts
from omloop.testing.bundles import TABLE, tiny_bundle, tiny_image_bundle


@pytest.fixture
def tiny(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace without other projects, whose project `tiny` has a champion."""
    monkeypatch.chdir(tmp_path)
    return with_champion(Workspace(replace(workspace.settings, projects=str(tmp_path / "none"))))


def test_projects_with_a_folder_are_listed_without_running_their_code(workspace: Workspace, client: Client) -> None:
    found = {row["name"]: row for row in client(workspace).get("/projects").json()["projects"]}
    row = found["student_performance"]
    assert (row["champion"], row["kind"], row["drift"]["state"], row["problem"]) == (None, None, "no watch", "")
    one = client(workspace).get("/projects/student_performance").json()
    assert one["schema"] is None and one["fields"] == []


def test_a_row_says_who_is_in_charge_how_good_it_is_and_what_happened_last(tiny: Workspace, client: Client) -> None:
    (row,) = client(tiny).get("/projects").json()["projects"]
    champion = tiny.registry("tiny").champion()
    assert (row["name"], row["kind"], row["champion"], row["model"]) == ("tiny", "table", champion, "linear")
    assert row["metric"] == {
        "name": "rmse",
        "tested": {"value": 0.9, "low": 0.85, "high": 0.95},
        "live": None,
        "lower_is_better": True,
    }
    assert (row["last"]["kind"], row["last"]["number"], row["last"]["reason"]) == ("promote", 2, "a test")
    assert row["since"] == row["last"]["time"] and row["trial"] is None and row["server"] is None


def test_traffic_counts_what_was_predicted_but_no_probes(tiny: Workspace, client: Client) -> None:
    asked = client(tiny)
    assert asked.get("/projects/tiny").json()["traffic"] == {"hour": 0, "day": 0, "total": 0, "newest": None}
    logged(tiny, [NOW - 200_000, NOW - 7_200, NOW - 60])
    log = tiny.predictions("tiny")
    log.record([Prediction("probe", NOW - 1, "v", {}, {"value": 1.0}, 1.0, key=PROBE_KEY)])
    log.close()
    again = client(tiny).get("/projects/tiny").json()["traffic"]
    assert again == {"hour": 1, "day": 2, "total": 3, "newest": NOW - 60}


def test_what_came_since_everything_was_counted_is_added(tiny: Workspace, client: Client) -> None:
    moment = [NOW]
    asked = client(replace(tiny, clock=lambda: moment[0]))
    logged(tiny, [NOW - 60])
    asked.get("/projects")
    logged(tiny, [NOW + 1, NOW + 2])
    moment[0] = NOW + 3
    assert asked.get("/projects").json()["projects"][0]["traffic"]["total"] == 3


def test_the_newest_look_says_how_the_input_and_the_metric_are(tiny: Workspace, client: Client) -> None:
    version = tiny.registry("tiny").champion()
    live = {"rmse": {"value": 1.5, "low": 1.0, "high": 2.0}}
    told = {
        "time": "2027-01-15 08:00:00",
        "version": version,
        "drift": True,
        "columns": [{"column": "age"}],
        "live": live,
    }
    keep_look("tiny", tiny, {**told, "verdict": "too few labels to tell"})
    row = client(tiny).get("/projects").json()["projects"][0]
    assert row["drift"] == {"state": "drift", "text": "age moved; too few labels to tell", "looked": 1_800_000_000.0}
    assert row["metric"]["live"] == live["rmse"]


@pytest.mark.parametrize(
    ("told", "state", "text"),
    [
        ({"broken": ["age is always 20"], "hurt": True}, "broken", "age is always 20"),
        ({"hurt": True, "drift": True, "columns": [{"column": "age"}]}, "loss", "age moved"),
        ({"drift": None, "state": "collecting", "rows": 1_234}, "collecting", "1,234 predictions"),
        ({"drift": False, "state": "calibrating", "warning": ["age"]}, "calibrating", "age moved"),
        ({"drift": False, "state": "listening", "buckets": 7}, "quiet", "7 buckets"),
        ({"version": "another"}, "collecting", "has not looked at v1"),
    ],
)
def test_each_state_of_a_look_is_one_word(told: dict[str, object], state: str, text: str) -> None:
    found = drift_of({"version": "v1", "time": "2027-01-15 08:00:00", **told}, "v1")
    assert found["state"] == state and text in str(found["text"])
    assert drift_of(None, "v1")["state"] == "no watch"


def test_what_rings_is_told_with_its_severity_until_it_is_silent(tiny: Workspace, client: Client) -> None:
    raise_alerts("tiny", {"loss": Signal(1.0, "the error rose")}, tiny, NOW)
    asked = client(tiny)
    (rings,) = asked.get("/projects/tiny").json()["ringing"]
    assert (rings["rule"], rings["severity"], rings["since"], rings["silenced"]) == ("loss", "critical", NOW, False)
    assert "the error rose" in rings["text"]
    asked.post("/projects/tiny/alerts/silence", json={"seconds": 3600, "reason": "known"})
    assert asked.get("/projects/tiny").json()["ringing"][0]["silenced"]


def test_what_cannot_be_read_of_one_project_hides_no_other(tiny: Workspace, client: Client) -> None:
    registry = tiny.registry("tiny")
    version = registry.champion() or ""
    (path,) = (tiny.root / "versions" / "tiny" / "bundles").glob(f"{version}*/manifest.json")
    path.write_text("{}")
    (row,) = client(tiny).get("/projects").json()["projects"]
    assert row["champion"] == version and "changed or cut" in row["problem"] and row["metric"] is None
    assert client(tiny).get("/projects/tiny").json()["error"]["code"] == "damaged"


def test_a_project_tells_what_a_request_may_hold_and_gives_rows_to_try(tiny: Workspace, client: Client) -> None:
    asked = client(tiny)
    found, given = asked.get("/projects/tiny").json(), asked.get("/projects/tiny/examples?n=2").json()
    assert found["fields"] == list(TABLE.fields) and found["schema"] == TABLE.schema()
    assert found["media_types"] == list(TABLE.media_types) and found["observed"]["sex"] == ["f", "m"]
    assert found["inputs"]["kind"] == "table" and found["outputs"]["name"] == "score" and found["warning"] == ""
    assert len(given["rows"]) == 2 and given["rows"][0].keys() == ROW.keys()
    assert TABLE.parse(given["rows"]).shape == (2, 3)


def test_a_picture_is_an_example_in_base64(workspace: Workspace, client: Client) -> None:
    rows = client(with_champion(workspace, tiny_image_bundle())).get("/projects/tiny/examples").json()["rows"]
    assert [*rows[0]] == ["image"] and isinstance(rows[0]["image"], str)


def test_without_a_champion_examples_say_what_to_do(workspace: Workspace, client: Client) -> None:
    workspace.registry("tiny").add(tiny_bundle(), by="ada")
    asked = client(workspace)
    assert "omloop turn tiny" in asked.get("/projects/tiny/examples").json()["error"]["message"]
    assert asked.get("/projects/tiny").json()["kind"] == "table"


def test_a_trial_and_a_server_are_in_the_row(tiny: Workspace, client: Client) -> None:
    registry = tiny.registry("tiny")
    second = registry.add(tiny_bundle(2.0), by="ada")
    registry.begin_trial(second, "shadow", share=0.5, by="ada")
    row = client(tiny).get("/projects/tiny").json()
    assert row["trial"] == {"version": second, "mode": "shadow", "share": 0.5}
    assert json.dumps(row)  # every number is one that JSON has
