"""A page in front of another machine's page, and servers that are named: what works, and what is down."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.ui.apart import page_apart
from tests.ui.shown import Asked, tiny_workspace
from tests.ui.shown import Visit as Walk
from tests.ui.test_browser import up

from omloop.ui.client import RefusedError, Source
from omloop.ui.options import PageOptions
from omloop.ui.parts.files import Uploads
from omloop.ui.session import Session
from omloop.ui.visit import Visit

if TYPE_CHECKING:
    from nicegui.testing import User
    from playwright.sync_api import Browser


@pytest.mark.slow
def test_in_front_of_another_page_all_works_until_that_is_down(browser: "Browser", tmp_path: Path) -> None:
    workspace = tiny_workspace(tmp_path / "ws")
    version = workspace.registry("marks").versions()[-1]
    page = browser.new_page()
    with (
        page_apart(tmp_path / "far", "--workspace", str(workspace.root)) as far,
        page_apart(tmp_path / "near", "--remote", far.address) as near,
        up(workspace, "marks"),
    ):
        page.goto(f"{near.address}/p/marks")
        page.get_by_role("button", name="Example 2", exact=True).click()
        page.get_by_role("button", name="Tell what it really was").wait_for()
        page.goto(f"{near.address}/p/marks/versions?v={version}")
        page.get_by_role("button", name="Put it in charge").click()
        page.get_by_label("Why").fill("from afar")
        page.get_by_role("button", name="Promote").click()
        page.get_by_text("It is in charge now").wait_for()
        page.goto(f"{near.address}/p/marks/live")
        page.get_by_role("heading", name="Newest predictions").wait_for()
        far.end(signal.SIGKILL)
        page.get_by_text("What is shown here is from before").wait_for()
        assert page.get_by_role("heading", name="Newest predictions").is_visible()
        page.goto(f"{near.address}/p/marks")
        page.get_by_text(f"The page at {far.address} does not answer").wait_for()
        with page_apart(tmp_path / "far", "--workspace", str(workspace.root), "--port", far.port):
            page.reload()
            page.get_by_role("button", name="Ask the model").wait_for()
        assert near.end() == 0 and near.log.read_text() == ""
        assert list((tmp_path / "near").iterdir()) == []
    page.close()


@pytest.mark.slow
def test_a_server_that_is_named_is_asked_and_told_when_it_is_down(browser: "Browser", tmp_path: Path) -> None:
    workspace, page = tiny_workspace(tmp_path / "ws"), browser.new_page()
    words = ["--workspace", str(workspace.root), "--server", "reviews=http://127.0.0.1:9"]
    with (
        up(workspace, "marks") as server,
        page_apart(tmp_path / "here", *words, "--server", f"tones={server}/") as here,
    ):
        page.goto(f"{here.address}/p/reviews")
        page.get_by_role("heading", name="No server runs").wait_for()
        page.goto(f"{here.address}/p/tones/live")
        page.get_by_text("Being worked on").wait_for()
    page.close()


class Told(Source):
    """A workspace whose project has a server on its own machine."""

    def __init__(self) -> None:
        self.changed = list[str]()

    async def get(self, path: str, key: str = "", **query: object) -> object:
        return {"server": "http://127.0.0.1:8000", "writable": True, "why_not": ""}

    async def post(self, path: str, body: object, key: str = "") -> object:
        self.changed.append(path)
        return {}


def visit_of(told: Told, **options: object) -> Visit:
    """A visit of a page over that workspace."""
    made = PageOptions(told, lambda url: url, **options)  # type: ignore[arg-type, return-value]
    return Visit(made, Session(), Uploads(1), project="marks")


def run(walk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Carry a walk out in a thread where no loop runs: Playwright has one in this one."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, walk()).result()


def test_a_workspace_that_is_slow_is_not_waited_for(visit: Walk, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(Source, "get", sleep)
    monkeypatch.setattr("omloop.ui.app.BUILD_S", 0.1)

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        await user.should_see("was not all there within")
        await user.should_see("Home")

    visit(walk)


def test_another_machines_loopback_is_not_asked_here() -> None:
    async def walk() -> None:
        far = visit_of(Told(), remote="https://tools.example/omloop")
        assert await far.server() is None
        assert far.how_to_serve[1] == "omloop ui --remote https://tools.example/omloop --server marks=URL"
        assert str(await visit_of(Told(), remote="http://localhost:9").server()) == "http://127.0.0.1:8000"
        named = visit_of(Told(), remote="https://tools.example", servers={"marks": "https://marks.example"})
        assert str(await named.server()) == "https://marks.example"

    run(walk)


def test_what_others_reach_changes_nothing_through_a_page_that_may() -> None:
    told = Told()

    async def walk() -> None:
        reached = visit_of(told, changes_need_key=True)
        assert (await reached.about())["writable"] is False
        with pytest.raises(RefusedError, match="gave no key"):
            await reached.change("/promote", version="x")
        assert told.changed == []
        reached.session.key = "omk_x"
        assert (await reached.about())["writable"] is True
        await reached.change("/promote", version="x")

    run(walk)
    assert told.changed == ["/api/v1/projects/marks/promote"]
