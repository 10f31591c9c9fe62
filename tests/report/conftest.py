from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.chromium import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser for all tests of a file: as long as it is there, no other event loop may run."""
    with chromium() as started:
        yield started


@pytest.fixture
def phone(browser: "Browser") -> Iterator["Page"]:
    """A page as wide as a phone."""
    page = browser.new_page(viewport={"width": 360, "height": 800})
    yield page
    page.close()
