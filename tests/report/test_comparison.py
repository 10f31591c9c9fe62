import math

from hypothesis import given
from hypothesis import strategies as st

from omloop.core import Estimate
from omloop.report import Comparison, comparison_json, comparison_page, difference
from omloop.report.comparison_page import MOST_PATCH

NUMBERS = st.floats(-1e6, 1e6)


def compared(**more: object) -> Comparison:
    """Two runs with nothing in them but what is given."""
    names = ("about", "metrics", "models", "settings", "data", "code", "packages")
    empty: dict[str, object] = {name: {} for name in names}
    found = {"project": "<toy>", "runs": ("run-a", "run-b"), "labels": ("a", "b"), "metric": "r2"}
    return Comparison(**(empty | found | more))  # type: ignore[arg-type]


def test_everything_that_a_user_wrote_is_escaped() -> None:
    odd = "<script>alert(1)</script>"
    page = comparison_page(
        compared(
            labels=(odd, "b"),
            about={"note": (odd, "")},
            settings={odd: (odd, "1")},
            metrics={odd: (Estimate(1, 0, 2), None)},
            curves={odd: {(0, odd): [(0.0, 1.0), (1.0, 1.0)]}},
            plots={f"plots/{odd}.png": (b"\x89PNG", None)},
            patches=(f"{odd}\n" * 10_000, ""),
            notes=(odd,),
        )
    )
    assert "<script" not in page and "data:image/png;base64,iVBORw==" in page
    assert f"{len(odd + chr(10)) * 10_000 - MOST_PATCH:,} characters more" in page


def test_plots_beyond_bounds_are_named_only() -> None:
    plots = {"plots/large.png": (b"x" * 9_000_000, None), "plots/small.png": (b"y", b"y")}
    page = comparison_page(compared(plots=plots))
    assert len(page) < 100_000 and "large.png" in page and "too large to show here" in page


@given(NUMBERS, NUMBERS)
def test_a_difference_is_the_other_way_round_from_the_other_side(one: float, two: float) -> None:
    first, second = Estimate(one, one - 1, one + 1), Estimate(two, two - 1, two + 1)
    there, back = difference(first, second), difference(second, first)
    assert there.endswith("*") == back.endswith("*")
    assert float(there.rstrip(" *")) == -float(back.rstrip(" *"))
    assert difference(first, first) == "+0"


def test_what_is_not_known_is_null_in_json() -> None:
    found = comparison_json(compared(metrics={"r2": (Estimate(0.5, math.nan, math.nan), None)}))
    assert found["metrics"]["r2"] == [{"value": 0.5, "low": None, "high": None}, None]
    assert found["differences"]["r2"] == [None]
