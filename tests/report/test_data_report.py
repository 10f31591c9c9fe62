from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from omloop.core import Finding
from omloop.report import DataReport, Distribution, data_markdown

HOSTILE = "<script>alert(1)</script>|\n# no ![](http://127.0.0.1/)"


@pytest.fixture
def report() -> DataReport:
    """A small report whose every text tries to be more than text."""
    words = Distribution.of(HOSTILE, np.array([0, 1, 1]), ("yes", HOSTILE))
    hours = Distribution.of("hours", np.array([1.0, 2.5, np.nan]))
    return DataReport(
        project="toy",
        summary=HOSTILE,
        source=HOSTILE,
        fingerprint="f" * 64,
        parts={"train": 3, "validation": 1, "test": 1},
        target={"train": words, "test": words},
        columns=(words, hours),
        findings=(Finding("duplicates", "warning", 7, HOSTILE),),
        previews={HOSTILE: ["<p>shown</p>"]},
    )


def test_every_number_stands_in_the_markdown(report: DataReport) -> None:
    text = data_markdown(report)
    for part in ("| train | 3 |", "| duplicates | warning | 7 |", "| hours | 1 | 1.75 | 1.75 | 2.5 | 1 |", "f" * 64):
        assert part in text


def test_texts_of_data_stay_texts_in_the_markdown(report: DataReport) -> None:
    text = data_markdown(report)
    assert "<script" not in text and "\n# no" not in text and "[](" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| duplicates")]
    assert row.replace("\\|", "").count("|") == 5


def test_a_number_to_be_predicted_is_told_by_part(report: DataReport) -> None:
    score = Distribution.of("score", np.array([3.0, 4.0, 8.0]))
    assert "| test | 3 | 4 | 5 | 8 |" in data_markdown(replace(report, target={"test": score}))


def test_dates_are_told_as_dates(report: DataReport) -> None:
    born = Distribution.of("born", np.array([19_753.0, 19_753.75, np.nan]), dates=True)
    assert born.cells == (("2024-01-31", 1), ("2024-01-31", 1))
    assert "| born | 2024-01-31 |" in data_markdown(replace(report, columns=(born,)))


def test_of_very_many_words_the_commonest_are_told() -> None:
    words = tuple(f"shop {number}" for number in range(5_000))
    found = Distribution.of("shop", np.array([*range(5_000), 4_321]), words)
    assert len(found.cells) == 100 and found.cells[0] == ("shop 4321", 2)
    assert found.cells[-1] == ("4,901 other words", 4_901)


def test_finding_nothing_is_not_the_same_as_not_looking(report: DataReport) -> None:
    assert "Nothing was found" in data_markdown(replace(report, findings=()))
    assert "Nothing was looked for" in data_markdown(replace(report, findings=(), checked=False))


@given(hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(width=64)))
@settings(max_examples=60)
def test_every_value_is_counted_once(values: np.ndarray) -> None:
    """Infinities count as missing: they lie in no cell."""
    found = Distribution.of("x", values)
    assert sum(count for _, count in found.cells) + found.missing == len(values)
    assert len(found.cells) <= 20
