"""The API page in a real browser: it renders, sends the example, and asks no other host for anything."""

import shutil
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omloop.serve import Champion, ServerOptions, create_app, running
from omloop.serve.access.guard import Guard
from omloop.serve.access.key_source import KeyRing, KeySource, write_keys
from omloop.serve.access.keys import make_key
from omloop.testing.bundles import IMAGE, tiny_bundle, tiny_image_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
QUIET += " --disable-component-update --disable-sync --disable-dev-shm-usage"


@pytest.fixture
def page() -> Iterator["Page"]:
    """A page of a headless Chromium."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs a Chromium; on Debian: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=QUIET.split())
        yield started.new_page()
        started.close()


@pytest.fixture
def address() -> Iterator[str]:
    versions = MemoryVersions()
    versions.promote(tiny_bundle())
    ids = iter(f"{number:026d}" for number in range(1000))
    with running(create_app(Champion(versions), MemoryPredictions(), new_id=lambda: next(ids))) as found:
        yield found


def test_the_page_sends_the_example_and_shows_the_answer(page: "Page", address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/docs")
    page.click("text=Send")
    page.wait_for_selector("text=200 OK")
    assert '"value"' in page.inner_text("body")
    assert all(url.startswith(address) for url in asked)


def test_the_page_shows_what_was_wrong_with_a_row(page: "Page", address: str) -> None:
    page.goto(f"{address}/docs")
    page.locator("textarea").first.fill('{"rows": [{"hours": 99, "age": 20, "sex": "f"}]}')
    page.click("text=Send")
    page.wait_for_selector("text=rows[0].hours")
    assert "from 0 to 24" in page.inner_text("body")


def test_the_page_sends_chosen_files_to_a_model_of_pictures(page: "Page") -> None:
    versions = MemoryVersions(tiny_image_bundle())
    (row,) = IMAGE.render(IMAGE.edges()[1:2])
    file: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": b64decode(row["image"])}
    ids = iter(f"{number:026d}" for number in range(1000))
    with running(create_app(Champion(versions), MemoryPredictions(), new_id=lambda: next(ids))) as address:
        page.goto(f"{address}/docs")
        for media_type in ("multipart/form-data", "image/png"):
            page.get_by_label("content type").first.select_option(media_type)
            page.get_by_label("files").first.set_input_files(file)
            page.locator("button").first.click()
            page.wait_for_selector("text=200 OK")
            assert '"value": 255' in page.inner_text("body")
            page.reload()


@pytest.mark.slow
def test_the_page_asks_for_the_key_of_a_server_that_has_keys(page: "Page", tmp_path: Path) -> None:
    made, path = make_key(["read", "predict"], "", ""), tmp_path / "keys.jsonl"
    write_keys(path, [made.key])
    guard = Guard(keys=KeyRing(KeySource(path)))
    guard.refresh()
    app = create_app(
        Champion(MemoryVersions(tiny_bundle())),
        MemoryPredictions(),
        new_id=lambda: "a",
        options=ServerOptions(guard=guard),
    )
    with running(app) as address:
        page.goto(f"{address}/docs")
        for given in ("wrong", made.secret):
            page.locator("input[type=password]").fill(given)
            page.click("text=Show the API")
        page.click("text=Send")
        page.wait_for_selector("text=200 OK")
        assert made.secret not in page.inner_text("body")
