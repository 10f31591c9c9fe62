import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from omloop.core import Finding
from omloop.report import DataReport, Distribution, data_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "<script>document.title='hacked'</script>\"'"


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


def many_columns(count: int) -> DataReport:
    """A report of so many columns, every fifth of many long words; one is in a finding, one lacks a value."""
    random = np.random.default_rng(0)
    words = tuple(f"a long word that somebody wrote in full, number {number}" for number in range(90))
    columns = [
        Distribution.of(f"measured_by_machine_{number}", random.integers(0, 90, 300), words if number % 5 == 0 else ())
        for number in range(count)
    ]
    lacking = Distribution.of("measured_by_machine_7", np.array([1.0, np.nan]))
    rows = [f"<dl>{'<div><dt>a_column</dt><dd>a value of it</dd></div>' * count}</dl>"] * 12
    return DataReport(
        project="wide",
        summary="many columns",
        source="simulated",
        fingerprint="f" * 64,
        parts={"train": 300},
        target={"train": columns[1]},
        columns=tuple(lacking if column.name == lacking.name else column for column in columns),
        findings=(Finding("leaks", "warning", 1, "it gives the target away", columns=("measured_by_machine_100",)),),
        previews={"12 training examples": rows},
    )


def test_texts_of_data_are_escaped_and_previews_are_shown(report: DataReport) -> None:
    page = data_page(report)
    assert "<script>document" not in page and page.count("<script>") == 1 and "<p>shown</p>" in page
    assert 'aria-label="histogram of &lt;script' in page


def test_nothing_is_fetched_from_anywhere(report: DataReport) -> None:
    assert not re.search(r"https?:|src=|@import|url\(", data_page(report))


def test_a_number_has_twenty_bars_and_a_word_one(report: DataReport) -> None:
    page = data_page(replace(report, target={"train": report.columns[0]}))
    assert page.count("<path ") == 20 and page.count("<i style") == 4
    assert "no value" in page and "1 missing" in page


def test_of_many_words_the_commonest_are_shown_and_the_others_counted(report: DataReport) -> None:
    words = tuple(f"a long word {'x' * 100} number {number}" for number in range(60))
    page = data_page(replace(report, columns=(Distribution.of("word", np.repeat(np.arange(60), 2), words),)))
    assert "<span>41 others</span>" in page and "<span>82</span>" in page
    assert len(page) < 20_000


def test_five_hundred_columns_are_a_small_page() -> None:
    wide = many_columns(500)
    assert len(data_page(wide).encode()) < 800_000


def test_columns_are_found_by_name_and_by_finding(phone: "Page", tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(data_page(many_columns(120)))
    phone.goto((tmp_path / "report.html").as_uri())
    shown, count = phone.locator(".columns .card:visible h3"), phone.get_by_role("status")
    assert shown.count() == 120 and shown.first.inner_text() == "measured_by_machine_100"
    phone.get_by_label("Find a column").fill("MACHINE_11")
    assert shown.count() == 11 and count.inner_text() == "11 of 120 columns"
    phone.get_by_label("Show").select_option("with findings")
    assert shown.count() == 0
    phone.get_by_role("link", name="measured_by_machine_100").click()
    phone.wait_for_function("document.querySelectorAll('.columns .card[hidden]').length === 0")
    phone.get_by_label("Show").select_option("with missing values")
    assert shown.all_inner_texts() == ["measured_by_machine_7"]


def test_without_its_script_all_columns_are_there_and_no_search(browser: "Browser", tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(data_page(many_columns(120)))
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator(".columns .card:visible").count() == 120
    assert not page.get_by_label("Find a column").is_visible()
    page.close()


def test_large_previews_are_left_out_evenly_and_told(report: DataReport) -> None:
    large = ["<img>" + "x" * 100_000] * 12
    page = data_page(replace(report, previews={"one": large, "other": large}))
    assert len(page) < 2_000_000
    assert page.count("6 more are too large") + page.count("7 more are too large") == 2


def test_it_fits_a_phone_and_runs_nothing(phone: "Page", report: DataReport, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(data_page(report))
    phone.goto((tmp_path / "report.html").as_uri())
    assert phone.title() == "Data of toy"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert "median 24.5, mean 24.5" in phone.inner_text("body")
