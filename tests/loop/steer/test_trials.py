"""Trials over HTTP, each with its reason in the history."""

from typing import Any

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import with_champion

from omloop.core import Project
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle

PATH = "/projects/tiny/trial"


@pytest.fixture
def candidate(workspace: Workspace) -> str:
    """A version beside the champion."""
    with_champion(workspace)
    return workspace.registry("tiny").add(tiny_bundle(2.0), by="test")


def test_a_trial_begins_shows_itself_and_ends(workspace: Workspace, candidate: str, client: Client) -> None:
    routes = client(workspace, by="ada")
    assert routes.get(PATH).json()["trial"] is None
    wanted = {"version": candidate[:6], "mode": "shadow", "share": 0.5, "reason": "it looks better"}
    begun = routes.post(PATH, json=wanted).json()
    assert (begun["version"], begun["mode"], begun["share"]) == (candidate, "shadow", 0.5)
    assert begun["command"] == f"omloop trial tiny {candidate[:6]} --shadow 0.5 --reason 'it looks better'"
    shown = routes.get(PATH).json()["trial"]
    assert (shown["version"], shown["answered"], shown["worse"]) == (candidate, 0, "")
    assert shown["since"] == begun["since"] > 1e9
    ended = routes.post(f"{PATH}/end", json={"reason": "seen enough"}).json()
    assert ended["command"] == "omloop trial tiny --stop --reason 'seen enough'"
    *_, tried, stopped = workspace.registry("tiny").history()
    assert (tried.kind, tried.by, tried.reason) == ("try", "ada", "it looks better")
    assert (stopped.kind, stopped.by, stopped.reason) == ("stop", "ada", "seen enough")


def test_a_trial_beside_another_champion_than_was_seen_is_a_conflict(
    workspace: Workspace, candidate: str, client: Client
) -> None:
    wanted = {"version": candidate, "mode": "canary", "share": 0.1, "reason": "why", "expected": candidate}
    answer = client(workspace).post(PATH, json=wanted)
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "conflict"
    assert workspace.registry("tiny").trial() is None


def test_to_end_what_does_not_run_is_a_conflict(workspace: Workspace, candidate: str, client: Client) -> None:
    assert client(workspace).post(f"{PATH}/end", json={"reason": "why"}).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": ""}, "version"),
        ({"version": 7}, "version"),
        ({"mode": "canaries"}, "mode"),
        ({"mode": None}, "mode"),
        *(({"share": share}, "share") for share in (0, 1.1, -0.5, True, "0.5", None)),
        ({"reason": ""}, "reason"),
        ({"force": "yes"}, "force"),
    ],
)
def test_what_makes_no_trial_is_refused_by_its_field(
    change: dict[str, Any], field: str, workspace: Workspace, candidate: str, client: Client
) -> None:
    wanted = {"version": candidate, "mode": "shadow", "share": 0.5, "reason": "why"}
    answer = client(workspace).post(PATH, json={**wanted, **change})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert workspace.registry("tiny").trial() is None


def test_a_version_that_is_not_there_is_not_found(workspace: Workspace, candidate: str, client: Client) -> None:
    wanted = {"version": "0123456789ab", "mode": "shadow", "share": 0.5, "reason": "why"}
    assert client(workspace).post(PATH, json=wanted).status_code == 404


def test_the_policy_is_told_beside_the_defaults(
    student: Project, workspace: Workspace, candidate: str, client: Client
) -> None:
    routes = client(workspace)
    found = routes.get("/projects/tiny/policy").json()
    assert (found["source"], found["policy"]) == ("the defaults", found["defaults"])
    assert found["policy"]["least_labels"] == 200
    assert routes.get(f"/projects/{student.name}/policy").json()["source"] == "the defaults"
