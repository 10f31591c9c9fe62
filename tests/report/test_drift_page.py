"""The page about what a watch told last."""

from omloop.report import drift_page

LIVE = {"rmse": {"value": 26.81, "low": 24.0, "high": 29.7}}
TOLD = {
    "time": "2026-11-30 02:00:00",
    "project": "rides",
    "version": "0a1b2c",
    "drift": True,
    "columns": [{"column": "age", "p_value": 1e-9, "distance": 0.5, "effects": {"shift": 2.0, "more in <30": 0.4}}],
    "warning": ["weight"],
    "live": LIVE,
    "tested": {**LIVE, "r2": {"value": None, "low": None, "high": None}},
    "verdict": "it hurts",
    "broken": ["age <script>"],
    "action": "told: age moved",
}


def test_it_tells_what_moved_whether_it_hurts_and_what_was_done() -> None:
    page = drift_page(TOLD)
    for words in ("rides: 1 column moved; it hurts", "1e-09", "26.8 [24, 29.7]", "told: age moved", "weight; not an"):
        assert words in page
    assert "no labels" in page and "more in &lt;30 0.4" in page
    assert "age &lt;script&gt;" in page and "<script" not in page


def test_of_an_empty_look_nothing_is_claimed() -> None:
    assert "too few predictions for a verdict" in drift_page({"drift": None})
