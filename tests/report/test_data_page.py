import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from omloop.core import Finding
from omloop.report import DataReport, Distribution, data_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = "<script>document.title='hacked'</script>\"'"
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
QUIET += " --disable-component-update --disable-sync --disable-dev-shm-usage"


@pytest.fixture
def report() -> DataReport:
    words = Distribution.of(HOSTILE, np.array([0, 1, 1]), ("yes", HOSTILE))
    hours = Distribution.of(HOSTILE, np.arange(50.0))
    return DataReport(
        project="toy",
        summary=HOSTILE,
        source=HOSTILE,
        fingerprint="f" * 64,
        parts={"train": 3000, "test": 1},
        target={"train": words},
        columns=(words, hours, Distribution.of("empty", np.array([np.nan]))),
        findings=(Finding("duplicates", "warning", 7, HOSTILE),),
        previews={HOSTILE: ["<p>shown</p>"]},
    )


def test_texts_of_data_are_escaped_and_previews_are_shown(report: DataReport) -> None:
    page = data_page(report)
    assert "<script" not in page and "<p>shown</p>" in page
    assert 'aria-label="histogram of &lt;script' in page


def test_nothing_is_fetched_from_anywhere(report: DataReport) -> None:
    assert not re.search(r"https?:|src=|@import|url\(", data_page(report))


def test_a_number_has_twenty_bars_and_a_word_one(report: DataReport) -> None:
    page = data_page(replace(report, target={"train": report.columns[0]}))
    assert page.count("<rect ") == 20 and page.count("<i style") == 4
    assert "no value" in page and "1 missing" in page


def test_large_previews_are_left_out_evenly_and_told(report: DataReport) -> None:
    large = ["<img>" + "x" * 100_000] * 12
    page = data_page(replace(report, previews={"one": large, "other": large}))
    assert len(page) < 2_000_000
    assert page.count("6 more are too large") + page.count("7 more are too large") == 2


@pytest.fixture
def page() -> Iterator["Page"]:
    """A page of a headless Chromium, as wide as a phone."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs a Chromium; on Debian: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=QUIET.split())
        yield started.new_page(viewport={"width": 360, "height": 800})
        started.close()


def test_it_fits_a_phone_and_runs_nothing(page: "Page", report: DataReport, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(data_page(report))
    page.goto((tmp_path / "report.html").as_uri())
    assert page.title() == "Data of toy"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "median 24.5, mean 24.5" in page.inner_text("body")
