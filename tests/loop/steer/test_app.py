"""Who may ask, and what every route has in common."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import with_champion

from omloop import __version__
from omloop.core import StoreError
from omloop.loop import Workspace
from omloop.loop.serving.guarding import guard_of
from omloop.loop.serving.keys import new_key
from omloop.loop.steer.table import routes

CHANGE = "/projects/tiny/rollback"
ASKED = {"reason": "a test"}


def test_it_says_what_answers_and_that_it_may_be_changed(workspace: Workspace, client: Client) -> None:
    found = client(workspace, by="ada").get("").json()
    assert found == {"workspace": "ws", "version": __version__, "writable": True, "why_not": "", "by": "ada"}


def test_each_route_asks_for_its_role(workspace: Workspace, client: Client) -> None:
    secrets = {role: new_key(workspace, [role], role).secret for role in ("read", "predict", "admin")}
    asked = client(with_champion(workspace))
    for route in routes():
        url = route.path.replace("{project}", "tiny").replace("{name:path}", "x")
        for role, secret in secrets.items():
            answer = asked.request(route.method, url, json=ASKED, headers={"X-API-Key": secret})
            may = role == "admin" or (role == "read" and route.method == "GET")
            assert (answer.status_code == 403) is not may, (url, role, answer.text)
        nobody = asked.request(route.method, url, json=ASKED)
        assert nobody.status_code == 401 and nobody.json()["error"]["code"] == "unauthenticated"
        assert asked.request(route.method, url, headers={"X-API-Key": "omk_wrong"}).status_code == 401


def test_who_changes_something_is_known_by_the_name_of_its_key(workspace: Workspace, client: Client) -> None:
    keys = {
        name: {"X-API-Key": new_key(workspace, [role], name).secret}
        for name, role in (("ada", "admin"), ("bo", "read"))
    }
    asked = client(workspace)
    found = {name: asked.get("", headers=key).json() for name, key in keys.items()}
    assert (found["ada"]["by"], found["ada"]["writable"]) == ("ada", True)
    assert (found["bo"]["by"], found["bo"]["writable"]) == ("bo", False) and "admin" in found["bo"]["why_not"]


def test_a_key_that_is_made_while_it_runs_is_asked_for(
    workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omloop.loop.steer.app.REFRESH_S", 0.0)
    asked = client(workspace)
    assert asked.get("").status_code == 200
    secret = new_key(workspace, ["read"], "ada").secret
    assert asked.get("").status_code == 401
    assert asked.get("", headers={"Authorization": f"Bearer {secret}"}).json()["by"] == "ada"


def test_without_keys_nothing_is_changed_from_other_machines(workspace: Workspace, client: Client) -> None:
    asked = client(with_champion(workspace), writable=False)
    about, answer = asked.get("").json(), asked.post(CHANGE, json=ASKED)
    assert not about["writable"] and "omloop key new" in about["why_not"]
    assert answer.status_code == 403 and answer.json()["error"]["message"] == about["why_not"]
    assert asked.get("/projects/tiny").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
def test_a_page_of_another_origin_changes_nothing(
    workspace: Workspace, client: Client, headers: dict[str, str]
) -> None:
    answer = client(with_champion(workspace)).post(CHANGE, json=ASKED, headers=headers)
    assert answer.status_code == 403 and "may not ask" in answer.json()["error"]["message"]


def test_a_name_that_was_made_to_lead_here_is_refused(workspace: Workspace, client: Client) -> None:
    guard = guard_of(workspace.settings, workspace.root)
    asked = client(workspace, guard=guard)
    assert asked.get("", headers={"Host": "evil.example"}).status_code == 421
    assert asked.get("", headers={"Host": "localhost:9"}).status_code == 200


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"reason=x", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"reason": 5}', "application/json", 422),
        (b'{"reason": " "}', "application/json", 422),
        (b'{"reason": "%s"}' % (b"x" * 70_000), "application/json", 413),
    ],
)
def test_a_body_that_is_no_request_says_what_is_wrong(
    workspace: Workspace, client: Client, content: bytes, media_type: str, status: int
) -> None:
    answer = client(with_champion(workspace)).post(CHANGE, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status and answer.json()["error"]["message"]


BAD = [
    ("/projects/nope", 404),
    ("/projects/%2e%2e%2fetc", 404),
    ("/projects/~root", 404),
    ("/projects/%00", 404),
    ("/projects/" + "x" * 5_000, 404),
    ("/nowhere", 404),
    ("/projects/tiny/versions/ffff", 404),
    ("/projects/tiny/versions/x", 404),
    ("/projects/tiny/versions?page=-1", 400),
    ("/projects/tiny/versions?page=x", 400),
    ("/projects/tiny/runs?size=1000000000", 400),
    ("/projects/tiny/history?size=" + "9" * 5_000, 400),
    ("/projects/tiny/history?kind=party", 400),
    ("/projects/tiny/versions/compare", 400),
    ("/projects/tiny/versions/compare?a=ffff&b=ffff", 404),
    ("/projects/tiny/runs?sort=party", 200),
    ("/projects/tiny/runs/x", 404),
    ("/projects/tiny/runs/compare?run=x", 404),
    ("/projects/tiny/examples?n=0", 400),
]


@pytest.mark.parametrize(("path", "status"), BAD)
def test_what_there_is_not_is_said_without_a_place_or_a_trace(
    workspace: Workspace, client: Client, path: str, status: int
) -> None:
    answer = client(with_champion(workspace)).get(path)
    assert answer.status_code == status, answer.text
    assert str(workspace.root) not in answer.text and "Traceback" not in answer.text and len(answer.text) < 2_000


def test_an_address_is_asked_in_its_way(workspace: Workspace, client: Client) -> None:
    answer = client(with_champion(workspace)).delete("/projects/tiny")
    assert answer.status_code == 405 and answer.json()["error"]["code"] == "method_not_allowed"


def test_a_store_that_fails_and_a_bug_are_told_without_what_only_the_log_may_know(
    workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: TestClient = client(with_champion(workspace))
    asked.get("/projects/tiny")

    def fail(error: Exception) -> Any:
        def failing(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr("omloop.register.Registry.history", failing)
        return asked.get("/projects/tiny/history")

    store, bug = fail(StoreError("/secret/place is full")), fail(RuntimeError("secret"))
    assert (store.status_code, store.json()["error"]["code"]) == (503, "unreadable")
    assert (bug.status_code, bug.json()["error"]["code"]) == (500, "internal_error") and bug.json()["error"]["id"]
    assert "secret" not in store.text + bug.text
