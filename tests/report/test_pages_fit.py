"""Every page in a real browser, narrow and wide, light and dark: nothing of it is cut off or runs over the edge."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.chromium import CONTRAST, FAULTS

from omloop.core import Estimate, Finding
from omloop.report import (
    Comparison,
    DataReport,
    Distribution,
    ErrorEvidence,
    MovedColumn,
    Pair,
    Profile,
    Verdict,
    Where,
    comparison_page,
    data_page,
    drift_page,
    mistakes_page,
    profile_page,
    verdict_page,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = (1440, 1280, 1024, 390)
LONG = "ai_generated_content_percentage_of_all_assignments"
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitaenskajuetenschluessel" * 2
ESTIMATE = Estimate(0.123456, 0.1, 0.2)


def verdict() -> str:
    cells = tuple((f"{UNBROKEN} {number}", 0.01, number / 5000) for number in range(100))
    moved = MovedColumn(LONG, 0.75, 1.25, 1e-245, f"+0.90 sd, more in {LONG}: +12 %", "2026-01-01 10:00 UTC or before")
    pair = Pair("2026-01-01 10:01 UTC", UNBROKEN, LONG, 2.5, ((LONG, UNBROKEN, LONG), ("tool", "ChatGPT+Gemini", "3")))
    return verdict_page(
        Verdict(
            project=LONG,
            version="4f1c0b",
            made="2026-01-02 00:00 UTC",
            rows=1000,
            first="2026-01-01 09:00 UTC",
            last="2026-01-01 11:00 UTC",
            judged=True,
            columns=9,
            moved=(moved, replace(moved, cells=cells, words=True), replace(moved, column=UNBROKEN, cells=cells[:20])),
            hurt=ErrorEvidence("mean absolute error", ESTIMATE, scores=((LONG, ESTIMATE, ESTIMATE),), problem=UNBROKEN),
            unusual=(Where(f"{LONG} up to 5", 200, 0.5, 0.05), Where(UNBROKEN, 2_000_000, 0.5, 0.05)),
            examples=(pair, replace(pair, live={"text": UNBROKEN}, reference={"text": LONG})),
        )
    )


def drift() -> str:
    moved = {"column": LONG, "p_value": 1e-245, "distance": 0.5, "effects": {"shift": 2.0, f"more in {UNBROKEN}": 0.4}}
    live = {LONG: {"value": 1234.5, "low": 1000.25, "high": 2000.75}}
    told = {"project": LONG, "drift": True, "columns": [moved, {**moved, "column": UNBROKEN}], "live": live}
    return drift_page({**told, "tested": live, "broken": [UNBROKEN], "action": LONG, "verdict": "it hurts"})


def comparison(runs: int) -> str:
    names = tuple(f"run{number:04d}" for number in range(runs))
    words = {LONG: (LONG,) * runs, UNBROKEN: (UNBROKEN,) * runs}
    return comparison_page(
        Comparison(
            project=LONG,
            runs=names,
            labels=names,
            metric="r2",
            about=words,
            metrics={LONG: (ESTIMATE,) * runs},
            models={"mlp": (None,) * runs},
            settings=words,
            data=words,
            code=words,
            packages=words,
            curves={UNBROKEN: {(0, UNBROKEN): [(0.0, 1.0), (1.0, 1.0)]}},
            patches=(UNBROKEN * 20,) * runs,
            notes=(UNBROKEN,),
        )
    )


def data() -> str:
    words = Distribution.of(LONG, np.arange(40.0), tuple(f"{UNBROKEN} {number}" for number in range(40)))
    numbers = Distribution.of(UNBROKEN, np.append(np.arange(50.0) * 1e12, np.nan))
    return data_page(
        DataReport(
            project=LONG,
            summary=UNBROKEN,
            source=UNBROKEN,
            fingerprint="f" * 64,
            parts={"train": 3000},
            target={"train": words, "validation": numbers},
            columns=(words, numbers),
            findings=(Finding("leaks", "warning", 7, UNBROKEN, columns=(UNBROKEN,)),),
            previews={UNBROKEN: [f"<dl><div><dt>{LONG}</dt><dd>{UNBROKEN}</dd></div></dl>", f"<p>{UNBROKEN}</p>"]},
        )
    )


def profile() -> str:
    operators = [(f"aten::{UNBROKEN}", 2, 1.0)]
    return profile_page(Profile(LONG, {UNBROKEN: "5 MB"}, {LONG: 0.5, UNBROKEN: 1.5}, operators, LONG, UNBROKEN * 5))


def mistakes() -> str:
    return mistakes_page(LONG, [(UNBROKEN, f"<dl><div><dt>{LONG}</dt><dd>{UNBROKEN}</dd></div></dl>")] * 3, 1000)


PAGES = {
    "verdict": verdict,
    "drift": drift,
    "two runs": lambda: comparison(2),
    "nine runs": lambda: comparison(9),
    "data": data,
    "profile": profile,
    "mistakes": mistakes,
}


@pytest.fixture(scope="module")
def page(browser: "Browser") -> "Page":
    return browser.new_page()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_and_all_can_be_read(page: "Page", name: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGES[name]())
    page.goto(path.as_uri())
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(FAULTS) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(CONTRAST) >= 4.5
    page.emulate_media(color_scheme="light")
    assert page.evaluate(CONTRAST) >= 4.5


def test_what_moved_is_told_line_by_line_on_a_phone(phone: "Page", tmp_path: Path) -> None:
    for name, made in (("verdict", verdict), ("drift", drift)):
        (tmp_path / f"{name}.html").write_text(made())
        phone.goto((tmp_path / f"{name}.html").as_uri())
        tables = phone.eval_on_selector_all(".table", "all => all.map(one => one.scrollWidth - one.clientWidth)")
        assert max(tables) <= 0
        labels = phone.eval_on_selector_all(
            ".rows tr:first-child td", "all => all.map(one => getComputedStyle(one, '::before').content)"
        )
        assert {'"distance"', '"p-value"', '"how"'} <= set(labels)
