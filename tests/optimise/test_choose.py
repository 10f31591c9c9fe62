"""Choosing by what was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.bundle import MODEL, Cost, Variant
from omloop.core import ConfigError, Estimate, ExportError, Parity
from omloop.optimise import Budget, choose

COST = Cost(10.0, 12.0, 1.0, 8, 80.0, 90.0, 1.0, 100.0, 10_000_000, 30_000_000)
PLAIN = Variant({}, Parity(9, (9,), 0.0, 0.0, 0.0, 1.0, 1e-5), cost=COST)


def form(faster: float = 1.0, *, drop: float = 0.0, size: int = COST.size, engine: str = "onnxruntime") -> Variant:
    cost = replace(COST, faster=faster, batch_faster=faster, p50_ms=10 / faster, p99_ms=12 / faster, size=size)
    return replace(PLAIN, cost=cost, engine=engine, drop=Estimate(drop, drop, drop))


def test_the_fastest_within_the_budget_is_served() -> None:
    found = choose({MODEL: PLAIN, "a": form(2.0), "b": form(3.0, drop=0.01), "c": form(1.5)}, Budget())
    assert found.served == "a"
    assert found.refused == {"b": "it loses 0.01, more than 0.005"}


def test_a_form_that_does_not_pay_is_not_offered() -> None:
    """As int8 of a convolutional network that is run three times as slowly."""
    found = choose({MODEL: PLAIN, "slower": form(0.3, size=2_500_000), "equal": form(1.02)}, Budget())
    assert found.served == MODEL
    assert set(found.refused.values()) == {"it is neither faster nor smaller"} and len(found.refused) == 2


def test_a_smaller_one_that_is_no_slower_is_offered_and_served_only_when_asked_for() -> None:
    small = {MODEL: PLAIN, "small": form(0.95, size=2_500_000)}
    assert choose(small, Budget()) == choose({MODEL: PLAIN}, Budget())
    assert choose(small, Budget(size_mb=3.0)).served == "small"


def test_of_equals_the_one_without_another_engine_is_taken_and_the_model_before_all() -> None:
    both = {MODEL: PLAIN, "x-openvino": form(2.1, engine="openvino"), "x": form(2.0)}
    assert choose(both, Budget()).served == "x"
    assert choose({MODEL: PLAIN, "x": form(1.05, size=2_000_000)}, Budget()).served == MODEL


def test_one_that_is_only_too_slow_for_the_budget_is_still_offered() -> None:
    found = choose({MODEL: PLAIN, "a": form(2.0), "b": form(3.0)}, Budget(p99_ms=5.0))
    assert (found.served, found.refused) == ("b", {})


def test_a_budget_that_nothing_meets_says_what_came_nearest() -> None:
    with pytest.raises(ExportError, match=r"the fastest, 'a', does not: 6 ms at p99, not 1, 10 MB, not 2. Allow more"):
        choose({MODEL: PLAIN, "a": form(2.0)}, Budget(p99_ms=1.0, size_mb=2.0))


@pytest.mark.parametrize("wrong", [{"max_drop": -0.1}, {"p99_ms": float("nan")}, {"size_mb": -1.0}])
def test_a_limit_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"optimise\.budget\.\w+=.* is no limit"):
        Budget(**wrong)


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(-0.01, 0.02), st.integers(1, 10**8)), max_size=6))
def test_what_is_served_is_within_the_budget_whatever_was_measured(found: list[tuple[float, float, int]]) -> None:
    forms = {MODEL: PLAIN} | {f"f{k}": form(f, drop=d, size=s) for k, (f, d, s) in enumerate(found)}
    chosen = choose(forms, Budget()).served
    assert chosen == MODEL or (forms[chosen].drop.value <= 0.005 and forms[chosen].cost.faster > 0.9)
