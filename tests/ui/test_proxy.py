"""The page below a path of a proxy: every link, file and connection stays below it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.ui.proxy import proxied
from tests.ui.shown import PICTURE
from tests.ui.test_browser import up

from omloop.loop import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Shown = tuple[str, Workspace]
LINKED = "all => all.map(one => one.href || one.src || one.action)"
LINKS = "a[href], img[src], iframe[src], link[href], script[src], form[action]"


@pytest.fixture
def person(browser: "Browser") -> Iterator["Page"]:
    """A page of a browser."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("keeps_host", [pytest.param(True, marks=pytest.mark.slow), False])
def test_below_a_path_of_a_proxy_all_works_and_nothing_is_asked_beside_it(
    person: "Page", shown: Shown, keeps_host: bool
) -> None:
    asked: list[str] = []
    with proxied(shown[0], keeps_host=keeps_host) as address, up(shown[1], "tones"):
        person.on("request", lambda one: asked.append(one.url))
        person.on("websocket", lambda one: asked.append(one.url.replace("ws://", "http://")))
        person.on("response", lambda one: asked.append(f"{one.status} {one.url}") if one.status >= 400 else None)
        person.goto(f"{address}/")
        person.get_by_role("link", name="tones").click()
        person.locator("input[type=file]").set_input_files(
            {"name": "white.png", "mimeType": "image/png", "buffer": PICTURE}
        )
        person.get_by_text("bright: yes").wait_for()
        for name in ("Live", "Drift", "Runs", "More", "Versions"):
            person.get_by_role("navigation", name="pages").get_by_role("link", name=name).click()
            person.get_by_role("heading", name=name, exact=True).wait_for()
            linked = person.eval_on_selector_all(LINKS, LINKED)
            assert [one for one in linked if _is_beside(one, address)] == []
        person.get_by_role("button", name="Colours").click()
        person.wait_for_selector("body.body--dark")
        assert any("/_nicegui_ws/" in one for one in asked) and any("/files/" in one for one in asked)
        assert [one for one in asked if _is_beside(one, address)] == []


def test_a_prefix_that_is_none_is_left_out(shown: Shown) -> None:
    plain = httpx.get(f"{shown[0]}/p/marks").text
    for given in ("//evil.example", '/"><script>', "/a/../b", "javascript:x"):
        found = httpx.get(f"{shown[0]}/p/marks", headers={"X-Forwarded-Prefix": given}).text
        assert links(found) == links(plain) != []


def links(page: str) -> list[str]:
    """The addresses that a page names, where it names them."""
    return re.findall(r"(?:href|src|url|from)[=( ]\S+", page)


def _is_beside(url: str, address: str) -> bool:
    return not url.startswith((f"{address}/", "data:", "blob:"))
