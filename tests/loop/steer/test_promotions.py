"""Changing the champion over HTTP."""

import threading
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import with_champion

from omloop.core import Decision
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle

PROMOTE, ROLLBACK = "/projects/tiny/promote", "/projects/tiny/rollback"


@pytest.fixture
def three(workspace: Workspace) -> Workspace:
    """A champion, and two versions that the gate found better."""
    workspace = with_champion(workspace)
    registry = workspace.registry("tiny")
    for weight in (2.0, 3.0):
        version = registry.add(tiny_bundle(weight), by="ada")
        registry.decide(version, Decision("better", "it is better"), against=registry.champion(), by="gate")
    return workspace


def test_a_better_version_is_put_in_charge_with_the_reason_and_the_command(three: Workspace, client: Client) -> None:
    first, second, _ = three.registry("tiny").versions()
    asked = client(three, by="ada")
    found = asked.post(PROMOTE, json={"version": second[:6], "reason": "it's better", "expected": first}).json()
    assert (found["champion"], found["before"], found["by"]) == (second, first, "ada")
    assert found["command"] == f'omloop promote tiny {second} --reason "it\'s better"'
    event = three.registry("tiny").history()[-1]
    assert (event.kind, event.champion, event.by, event.reason) == ("promote", second, "ada", "it's better")
    back = asked.post(ROLLBACK, json={"reason": "complaints", "expected": second, "to": None}).json()
    assert (back["champion"], back["command"]) == (first, "omloop rollback tiny --reason complaints")


def test_without_a_reason_nothing_is_changed(three: Workspace, client: Client) -> None:
    second = three.registry("tiny").versions()[1]
    answer = client(three).post(PROMOTE, json={"version": second})
    assert answer.status_code == 422 and answer.json()["error"]["field"] == "reason"
    assert client(three).post(ROLLBACK, json={}).status_code == 422


def test_what_the_gate_refused_is_promoted_by_force_alone(three: Workspace, client: Client) -> None:
    registry, asked = three.registry("tiny"), client(three)
    version = registry.add(tiny_bundle(4.0), by="ada")
    registry.decide(version, Decision("worse", "it is worse"), against=registry.champion(), by="gate")
    wanted: dict[str, Any] = {"version": version, "reason": "a demo"}
    refused = asked.post(PROMOTE, json=wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "refused")
    assert "it is worse" in refused.json()["error"]["message"]
    found = asked.post(PROMOTE, json={**wanted, "force": True}).json()
    assert found["champion"] == version and "--force" in found["command"]


def test_who_saw_another_champion_is_told_who_changed_it(three: Workspace, client: Client) -> None:
    registry = three.registry("tiny")
    first, second, third = registry.versions()
    registry.promote(second, expected=first, by="bo", reason="quicker")
    for path, body in ((PROMOTE, {"version": third}), (ROLLBACK, {})):
        answer = client(three).post(path, json={**body, "reason": "a test", "expected": first})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
        told = answer.json()["error"]["message"]
        assert f"the champion is {second} by now, not {first}" in told and "bo changed it (promote, quicker)" in told
    assert registry.champion() == second


def test_there_may_be_nothing_to_go_back_to(three: Workspace, client: Client) -> None:
    answer = client(three).post(ROLLBACK, json={"reason": "a test"})
    assert answer.status_code == 422 and "no champion of tiny before" in answer.json()["error"]["message"]


def test_a_first_version_is_promoted_where_none_is_in_charge(workspace: Workspace, client: Client) -> None:
    version = workspace.registry("tiny").add(tiny_bundle(), by="ada")
    body = {"version": version, "reason": "the first", "force": True, "expected": None}
    assert client(workspace).post(PROMOTE, json=body).json()["before"] is None
    assert client(workspace).post(ROLLBACK, json={"reason": "x", "expected": None}).status_code == 409


@pytest.mark.parametrize("shared", [True, False] * 2)
def test_of_two_who_decide_at_once_one_is_heard_and_the_other_is_told(
    three: Workspace, client: Client, shared: bool
) -> None:
    first, *others = three.registry("tiny").versions()
    begin, answers = threading.Barrier(2), dict[str, Any]()

    def promote(asked: TestClient, version: str) -> None:
        begin.wait()
        answers[version] = asked.post(PROMOTE, json={"version": version, "reason": "mine", "expected": first})

    # Two processes share nothing but the store: there each has a workspace of its own.
    asked = [client(three)] * 2 if shared else [client(Workspace(three.settings)) for _ in others]
    threads = [threading.Thread(target=promote, args=one) for one in zip(asked, others, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
    (winner,) = [version for version, answer in answers.items() if answer.status_code == 200]
    (loser,) = [answer for answer in answers.values() if answer.status_code == 409]
    assert three.registry("tiny").champion() == winner
    assert f"the champion is {winner} by now" in loser.json()["error"]["message"]
