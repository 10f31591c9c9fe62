import pytest

from omloop.probe import Latencies, Load, LoadPlan, LoadSlice, RateStep, plot_climb, plot_load

HEADS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def loaded(rate: float, seconds: float) -> Load:
    took = Latencies([seconds] * 99 + [10 * seconds])
    return Load(
        LoadPlan(rate, 1.0), 100, {200: 100}, {}, took, Latencies(), [LoadSlice(0.0, took), LoadSlice(1.0)], 1.0
    )


@pytest.mark.parametrize("form", HEADS)
def test_a_test_is_drawn(form: str) -> None:
    assert plot_load(loaded(100, 0.01), p99_s=0.05, title="tiny", form=form).startswith(HEADS[form])


def test_a_search_is_drawn() -> None:
    steps = [RateStep(loaded(100, 0.01), ()), RateStep(loaded(150, 0.1), ("too slow",))]
    assert plot_climb(steps, p99_s=0.05, title="tiny").startswith(HEADS["png"])


def test_a_test_without_an_answer_is_drawn_too() -> None:
    nothing = Load(LoadPlan(1, 1.0), 0, {}, {"gone": 1}, Latencies(), Latencies(), [LoadSlice(0.0)], 1.0)
    assert plot_load(nothing, p99_s=0.05, title="tiny").startswith(HEADS["png"])
    assert plot_climb([RateStep(nothing, ("gone",))], p99_s=0.05, title="tiny").startswith(HEADS["png"])
