"""Who may see the page and change something by it: keys, names, other pages."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.ui.apart import Apart, page_apart
from tests.ui.shown import tiny_workspace

from omloop.loop import Workspace
from omloop.loop.serving.guarding import guard_of
from omloop.loop.serving.keys import new_key
from omloop.loop.serving.server_notes import noted
from omloop.monitor import new_id
from omloop.serve import Champion, ServerOptions, create_app, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Keyed = tuple[Apart, Workspace, dict[str, str]]
Shown = tuple[str, Workspace]
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport="
ELSEWHERE = {"Origin": "http://evil.example"}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """A page over a workspace that has a key of each role."""
    folder = tmp_path_factory.mktemp("keyed")
    workspace = tiny_workspace(folder / "ws")
    keys = {role: new_key(workspace, [role], f"the {role}").secret for role in ("read", "predict", "admin")}
    keys["read and predict"] = new_key(workspace, ["read", "predict"], "both").secret
    with page_apart(folder / "here", "--workspace", str(workspace.root)) as apart:
        yield apart, workspace, keys


@contextmanager
def guarded(workspace: Workspace, name: str) -> Iterator[None]:
    """A server of a project that asks for the workspace's keys, found by its note."""
    options = ServerOptions(guard=guard_of(workspace.settings, workspace.root))
    with closing(workspace.predictions(name)) as log, noted(name, workspace.root, print) as tell:
        app = create_app(Champion(workspace.registry(name), keep=True), log, new_id=new_id, options=options)
        with running(app) as address:
            tell(address)
            yield


@pytest.fixture
def person(browser: "Browser") -> Iterator["Page"]:
    """A page of a browser that nobody used before."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def give(person: "Page", key: str) -> None:
    """Give a key to the form."""
    person.get_by_role("textbox", name="Key").fill(key)
    person.get_by_role("button", name="Go on").click()


def test_a_key_that_may_read_shows_all_and_changes_nothing(person: "Page", keyed: Keyed) -> None:
    apart, workspace, keys = keyed
    person.goto(f"{apart.address}/p/marks/versions?v={workspace.registry('marks').versions()[-1]}")
    person.get_by_role("heading", name="A key is asked for").wait_for()
    assert person.get_by_text("Scores in the test").count() == 0
    give(person, "omk_wrong")
    person.get_by_role("heading", name="This key is not known").wait_for()
    give(person, "schlüssel")
    person.get_by_text("This is no key").wait_for()
    give(person, keys["predict"])
    person.get_by_text("this needs the role 'read'").wait_for()
    give(person, keys["read"])
    person.get_by_text("changes need one with the role 'admin'").wait_for()
    assert person.get_by_role("button", name="Put it in charge").count() == 0
    assert keys["read"] not in person.content() and person.evaluate("document.cookie") == ""


def test_who_changes_something_is_told_by_the_name_of_the_key_and_the_key_can_be_left(
    person: "Page", keyed: Keyed
) -> None:
    apart, _, keys = keyed
    person.goto(f"{apart.address}/p/marks/versions")
    give(person, keys["admin"])
    person.get_by_role("button", name="Roll back to an earlier champion").click()
    person.get_by_label("Why").fill("a test")
    person.get_by_role("button", name="Roll back", exact=True).click()
    person.get_by_role("cell", name="the admin").first.wait_for()
    person.get_by_role("button", name="Forget the key").click()
    person.get_by_role("heading", name="A key is asked for").wait_for()
    told = apart.log.read_text()
    assert not any(key in told for key in keys.values())
    assert "Traceback" not in told


@pytest.mark.slow
def test_two_pages_on_one_machine_know_their_keys_apart(person: "Page", keyed: Keyed, shown: Shown) -> None:
    apart, _, keys = keyed
    person.goto(apart.address)
    give(person, keys["read"])
    person.get_by_role("button", name="Forget the key").wait_for()
    person.goto(shown[0])
    person.goto(apart.address)
    person.get_by_role("button", name="Forget the key").wait_for()


@pytest.mark.slow
def test_a_key_with_too_small_a_role_is_told_so_by_the_server(person: "Page", keyed: Keyed) -> None:
    apart, workspace, keys = keyed
    with guarded(workspace, "reviews"):
        person.goto(f"{apart.address}/p/reviews")
        give(person, keys["read"])
        person.get_by_role("button", name="Example 1", exact=True).click()
        person.get_by_text("this needs the role 'predict'").wait_for()
        person.get_by_role("button", name="Forget the key").click()
        give(person, keys["read and predict"])
        person.get_by_role("button", name="Example 1", exact=True).click()
        person.get_by_role("button", name="Right", exact=True).click()
        person.get_by_text("this needs the role 'feedback'").wait_for()


@pytest.mark.slow
def test_a_page_that_others_reach_without_keys_shows_all_and_changes_nothing(person: "Page", tmp_path: Path) -> None:
    workspace = tiny_workspace(tmp_path / "ws")
    version = workspace.registry("marks").versions()[-1]
    with page_apart(tmp_path / "here", "--workspace", str(workspace.root), "--host", "0.0.0.0") as apart:  # noqa: S104
        person.goto(f"http://127.0.0.1:{apart.port}/p/marks/versions?v={version}")
        person.get_by_text("Scores in the test").wait_for()
        person.get_by_text("asks for no key, so it changes nothing").wait_for()
        assert person.get_by_role("button", name="Put it in charge").count() == 0
        asked = httpx.post(f"http://127.0.0.1:{apart.port}/api/v1/projects/marks/rollback", json={"reason": "x"})
        assert asked.status_code == 403 and "omloop key new" in asked.json()["error"]["message"]
        assert "changes nothing" in apart.log.read_text()
        assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("path", ["/", "/p/marks", "/static/page.css", "/api/v1", f"{SOCKET}polling", "/nowhere"])
def test_a_name_that_was_made_to_lead_here_is_turned_away(shown: Shown, path: str) -> None:
    answer = httpx.get(shown[0] + path, headers={"Host": "evil.example"})
    assert answer.status_code == 421 and "evil" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/files/token"),
        ("POST", "/p/marks"),
        ("POST", "/api/v1/projects/marks/rollback"),
        ("GET", f"{SOCKET}polling"),
        ("POST", f"{SOCKET}polling"),
    ],
)
@pytest.mark.parametrize(
    "headers", [ELSEWHERE, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_page_of_another_origin_reaches_nothing_that_does_something(
    shown: Shown, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = httpx.request(method, shown[0] + path, json={"reason": "x"} if method == "POST" else None, headers=headers)
    assert answer.status_code == 403, answer.text
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("headers", [ELSEWHERE, {"Host": "evil.example"}])
def test_a_page_of_another_origin_opens_no_connection(shown: Shown, headers: dict[str, str]) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer = httpx.get(f"{shown[0]}{SOCKET}websocket", headers={**upgrade, **headers})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/p/marks", "/nowhere", "/static/page.css", "/api/v1"])
def test_no_other_page_frames_this_one(shown: Shown, path: str) -> None:
    answer = httpx.get(shown[0] + path)
    assert answer.headers["x-frame-options"] == "DENY" and answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
