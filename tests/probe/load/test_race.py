"""Races of servers that are only numbers: what each bears, sometimes with noise."""

import random
from collections import Counter
from collections.abc import Callable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from omloop.probe import Stairs, race, winner


def raced(
    bears: Mapping[str, float], *, noise: float = 0.0, attempts: int = 500
) -> tuple[dict[str, Stairs], list[str]]:
    """What is known at the end, and who was asked when; noise is the standard deviation of what a server bears."""
    asked: list[str] = []
    chance = random.Random(7)

    def attempt(name: str, rate: float) -> bool:
        asked.append(name)
        return rate <= bears[name] * (1 + chance.gauss(0, noise))

    rounds = race(dict.fromkeys(bears, Stairs(100.0)), attempt, going=lambda: len(asked) < attempts)
    *_, last = rounds
    return dict(last), asked


@given(st.floats(1.0, 50_000.0), st.floats(1.0, 5_000.0))
def test_a_staircase_comes_near_what_a_server_bears(bears: float, start: float) -> None:
    stairs = Stairs(start)
    for _ in range(60):
        stairs = stairs.after(stairs.rate <= bears)
    low, high = stairs.span
    assert low <= bears <= high * 1.0001 and 0.8 * bears < stairs.bears < 1.25 * bears


def test_one_busy_moment_of_the_machine_is_forgiven() -> None:
    """What did not hold is asked again, and only counts when it does not hold then either."""
    stairs = Stairs(100.0).after(False)
    assert stairs.rate == 100.0 and stairs.after(True).rate == 200.0 and stairs.after(False).rate == 50.0


def test_a_staircase_that_turned_too_soon_takes_large_steps_again() -> None:
    stairs = Stairs(100.0).after(False).after(False)
    for _ in range(20):
        stairs = stairs.after(stairs.rate <= 3000.0)
    assert 2000 < stairs.rate < 4500


def test_nothing_is_borne_where_nothing_held() -> None:
    found, _ = raced({"a": 0.0}, attempts=9)
    assert found["a"].bears == 0 and found["a"].asked == 9


def test_they_are_asked_in_turn_and_in_the_other_order_the_next_time() -> None:
    _, asked = raced({"a": 300.0, "b": 300.0, "c": 300.0}, attempts=6)
    assert asked == [*"abc", *"cba"]


def test_who_is_clearly_behind_is_asked_no_more_and_the_race_ends_by_itself() -> None:
    found, asked = raced({"slow": 150.0, "fast": 2000.0})
    counts = Counter(asked)
    assert counts["slow"] < counts["fast"] and len(asked) < 50
    assert winner(found) == ("fast", ["fast"])


def test_the_smaller_is_taken_where_the_gain_is_noise() -> None:
    """The first named is the smallest; 3 % more is no gain, 50 % is."""
    assert winner(raced({"small": 1000.0, "large": 1030.0})[0]) == ("small", ["small", "large"])
    assert winner(raced({"small": 1000.0, "large": 1500.0})[0]) == ("large", ["large"])


def test_a_noisy_machine_does_not_decide() -> None:
    found, _ = raced({"small": 1000.0, "large": 1600.0}, noise=0.1)
    assert winner(found)[0] == "large"


def test_a_race_without_time_knows_nothing() -> None:
    going: Callable[[], bool] = lambda: False  # noqa: E731
    (found,) = race({"a": Stairs(10.0)}, lambda name, rate: True, going=going)
    assert found["a"].tried == ()
