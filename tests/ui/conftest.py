"""What tests of the page share: a workspace of tiny projects, NiceGUI's own test client, and a real browser."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.ui.shown import Asked, Visit, tiny_workspace

from omloop.loop import Workspace

if TYPE_CHECKING:
    from nicegui.testing import User
    from playwright.sync_api import Browser, Page

PATIENCE = 100
"""Tenths of a second for which something is waited for: a machine with other work is slow."""


@pytest.fixture(scope="session")
def _tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny") / "ws"
    tiny_workspace(root)
    return root


@pytest.fixture
def tiny(_tiny: Path, workspace: Workspace) -> Workspace:
    """A workspace of tiny projects; each test has a copy of its own."""
    shutil.copytree(_tiny, workspace.root, dirs_exist_ok=True)
    return workspace


@pytest.fixture
def asked(tiny: Workspace) -> Iterator[Asked]:
    """Whom the page asks."""
    found = Asked(tiny)
    with found.open:
        yield found


@pytest.fixture
def visit(asked: Asked) -> Visit:
    """Carry out what a person does, on the page in this process, by NiceGUI's own test client."""
    from nicegui.testing.user_simulation import user_simulation

    from omloop.ui.app import add_pages

    async def go(walk: Callable[["User"], Awaitable[None]]) -> None:
        ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "omloop"}
        try:
            async with user_simulation() as user:
                user.should_see = partial(user.should_see, retries=PATIENCE)  # type: ignore[method-assign]
                user.should_not_see = partial(user.should_not_see, retries=PATIENCE)  # type: ignore[method-assign]
                async with asked.options() as options:
                    add_pages(options)
                    await walk(user)
        finally:
            sys.modules.update(ours)  # the simulation forgets whatever has pages, and all packages above it

    def run(walk: Callable[["User"], Awaitable[None]]) -> None:
        with ThreadPoolExecutor(1) as apart:  # where no loop runs: Playwright has one in this thread
            apart.submit(asyncio.run, go(walk)).result()

    return run


@pytest.fixture(scope="session")
def _page(tmp_path_factory: pytest.TempPathFactory, _tiny: Path) -> Iterator[tuple[str, Path]]:
    """`omloop ui` in a process of its own, over one workspace for all tests of the browser."""
    root = tmp_path_factory.mktemp("shown") / "ws"
    shutil.copytree(_tiny, root)
    with page_process(root) as address:
        yield address, root


class page_process:
    """`omloop ui` over a workspace, with more words for its command line, for as long as the context lasts."""

    def __init__(self, root: Path, *words: str) -> None:
        line = [sys.executable, "-m", "omloop", "ui", "--port", "0", "--json", "--workspace", str(root), *words]
        self._process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        return str(json.loads(line)["address"])

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        assert self._process.wait(timeout=20) == 0


@pytest.fixture
def shown(_page: tuple[str, Path], settings: Any) -> Iterator[tuple[str, Workspace]]:
    """The address of the page in a process of its own, and its workspace."""
    address, root = _page
    yield address, Workspace.of(workspace=str(root))


@pytest.fixture
def page(browser: "Browser", _page: tuple[str, Path]) -> Iterator["Page"]:
    """A page of the browser, which must ask no other host and tell of no error of a script."""
    context, faults, address = browser.new_context(viewport={"width": 1280, "height": 800}), list[str](), _page[0]
    context.set_default_timeout(10_000)
    found = context.new_page()
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.on("request", lambda one: faults.append(one.url) if _is_foreign(one.url, address) else None)
    yield found
    context.close()
    assert not faults


def _is_foreign(url: str, address: str) -> bool:
    return url.startswith(("http", "ws")) and url.split("://", 1)[1].split("/", 1)[0] != address.split("://", 1)[1]
