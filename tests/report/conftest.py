from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def phone(browser: "Browser") -> Iterator["Page"]:
    """A page as wide as a phone."""
    page = browser.new_page(viewport={"width": 360, "height": 800})
    yield page
    page.close()
