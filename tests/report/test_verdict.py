"""The verdict in four forms: one value, all that was found in it, and nothing of the data that could run."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omloop.core import Estimate
from omloop.report import (
    ErrorEvidence,
    MovedColumn,
    Pair,
    Verdict,
    Where,
    verdict_json,
    verdict_markdown,
    verdict_page,
    verdict_terminal,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = "<script>document.title='hacked'</script>|\"'"
PICTURE = "/9j/" + "A" * 400
TESTED = Estimate(0.1, 0.08, 0.12)


@pytest.fixture
def verdict() -> Verdict:
    moved = MovedColumn(
        "hours", 0.75, 1.25, 1e-30, "+0.90 sd", "2026-01-01 10:00 UTC", ((HOSTILE, 0.5, 0.1), ("above", 0, 0.9))
    )
    words = Pair("2026-01-01 10:01 UTC", HOSTILE, "", 2.5, (("words", "3", "30"),), {"text": HOSTILE}, {"text": "calm"})
    return Verdict(
        project="toy",
        version="4f1c0b",
        made="2026-01-02 00:00 UTC",
        rows=1000,
        first="2026-01-01 09:00 UTC",
        last="2026-01-01 11:00 UTC",
        judged=True,
        columns=9,
        moved=(moved, replace(moved, column=HOSTILE, share=0.25)),
        hurt=ErrorEvidence(
            "error rate", TESTED, Estimate(0.3, 0.25, 0.35), 300, 500, "2026-01-01 10:05 UTC", Estimate(0.2, 0.1, 0.3)
        ),
        unusual=(Where(HOSTILE, 200, 0.5, 0.05),),
        wrong=(Where("hours above 4", 100, 0.6, 0.1),),
        examples=(words, replace(words, answer="4.5", live={"image": PICTURE}, reference={})),
    )


def told(verdict: Verdict) -> str:
    """What a terminal of 300 columns shows."""
    from rich.console import Console

    console = Console(width=300, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(verdict_terminal(verdict))
    return console.export_text()


def test_every_form_says_what_moved_since_when_where_and_whether_it_hurts(verdict: Verdict) -> None:
    for shown in (verdict_page(verdict), verdict_markdown(verdict).replace("\\", ""), told(verdict)):
        for words in (
            "2 of 9 columns moved, hours the most; it hurts: the error rate rose, since 2026-01-01 10:05 UTC",
            "0.300 [0.250, 0.350] over 300 labels",
            "assumes no concept drift",
            "hours above 4",
            "75 %",
        ):
            assert words in shown


def test_json_holds_every_number_and_no_nan(verdict: Verdict) -> None:
    odd = replace(verdict, hurt=replace(verdict.hurt, estimated=Estimate(float("nan"), 0, 1)))
    found = json.loads(json.dumps(verdict_json(odd), allow_nan=False))
    assert found["hurt"]["tested"]["high"] == 0.12 and found["hurt"]["estimated"]["value"] is None
    assert found["examples"][0]["live"] == {"text": HOSTILE} and found["headline"] == verdict.headline


@pytest.mark.parametrize(
    ("hurt", "words"),
    [
        (ErrorEvidence("error rate", TESTED), "whether it hurts is not known yet: no labels came."),
        (ErrorEvidence("error rate", TESTED, TESTED, 20, 1200), "the error rate did not rise, by 1,200 labels."),
        (
            ErrorEvidence("error rate", TESTED, Estimate(0.3, 0.2, 0.4), 20, 60),
            "the error rate is worse in this window, not yet beyond doubt by 60 labels.",
        ),
    ],
)
def test_what_is_not_known_is_not_claimed(verdict: Verdict, hurt: ErrorEvidence, words: str) -> None:
    assert replace(verdict, hurt=hurt).headline.endswith(words)


def test_too_few_rows_and_an_older_bundle_are_told(verdict: Verdict) -> None:
    few = replace(
        verdict, rows=7, judged=False, moved=(), hurt=ErrorEvidence("error rate", None, problem="no such thing")
    )
    assert few.headline.startswith("7 live rows are too few to tell")
    for shown in (verdict_page(few), verdict_markdown(few), told(few)):
        assert "not in this bundle; package the model again" in shown and "not available: no such thing" in shown


def test_texts_of_data_are_escaped_and_nothing_is_fetched(verdict: Verdict) -> None:
    page, text = verdict_page(verdict), verdict_markdown(verdict)
    assert "<script" not in page + text and not re.search(r"https?:|@import|url\(", page)
    assert re.findall(r'src="([^"]{,22})', page) == ["data:image/jpeg;base64"]
    assert all(line.count("|") - line.count("\\|") in (0, 3, 4, 5, 7) for line in text.splitlines())


def test_the_page_stays_under_a_megabyte_whatever_the_traffic(verdict: Verdict) -> None:
    wide = tuple((f"cell {number} {HOSTILE}" * 20, 0.1, 0.2) for number in range(500))
    large = replace(verdict.examples[0], columns=(("x" * 5000,) * 3,) * 50, live={"text": "&" * 5000})
    moved = tuple(replace(verdict.moved[0], column=f"column {number}" * 20, cells=wide) for number in range(300))
    page = verdict_page(replace(verdict, moved=moved, examples=(large,) * 100))
    assert len(page.encode()) < 1_000_000 and page.endswith("</html>\n")


def test_it_fits_a_phone_and_runs_nothing(phone: "Page", verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "verdict.html").write_text(verdict_page(verdict))
    phone.goto((tmp_path / "verdict.html").as_uri())
    assert phone.title() == "Verdict on toy"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert "hacked" in phone.inner_text("body")


def test_nothing_in_a_card_is_cut_off(phone: "Page", verdict: Verdict, tmp_path: Path) -> None:
    long = (("a_column_whose_name_is_long_" * 2, "a word of the user", "another_word_without_any_space"),)
    pairs = tuple(replace(pair, columns=long) for pair in verdict.examples)
    (tmp_path / "verdict.html").write_text(verdict_page(replace(verdict, examples=pairs)))
    phone.goto((tmp_path / "verdict.html").as_uri())
    widths = phone.eval_on_selector_all(".card .table", "all => all.map(one => one.scrollWidth - one.clientWidth)")
    assert widths and max(widths) <= 0


def test_of_many_words_the_ten_that_changed_most_are_drawn_and_the_others_told(
    phone: "Page", verdict: Verdict, tmp_path: Path
) -> None:
    cells = tuple((f"word {number}", 0.01, 0.01 + (number - 50) / 10_000) for number in range(100))
    words = MovedColumn("shop", 1.0, 0.5, 1e-9, "", "", cells, words=True)
    (tmp_path / "verdict.html").write_text(verdict_page(replace(verdict, moved=(words,))))
    phone.goto((tmp_path / "verdict.html").as_uri())
    chart = phone.locator(".card", has_text="shop").first
    assert chart.locator("b").count() == 10
    assert {"word 0", "word 1", "word 99"} < set(chart.locator("span").all_inner_texts())
    assert "90 other cells hold 90.0 % of the reference and 90.5 % of the live rows." in chart.inner_text()


def test_a_number_keeps_its_cells_in_their_order(verdict: Verdict) -> None:
    cells = tuple((f"up to {number}", 0.05, 0.05 + (number - 10) / 1000) for number in range(20))
    page = verdict_page(replace(verdict, moved=(MovedColumn("hours", 1.0, 0.5, 1e-9, "", "", cells),)))
    places = [page.index(f"<span>up to {number}</span>") for number in range(20)]
    assert places == sorted(places) and "other cells" not in page
