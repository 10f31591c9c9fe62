import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.alert import Rule, Silence
from omloop.core import ConfigError

NUMBERS = st.floats(-1e6, 1e6)


@given(limit=NUMBERS, gap=st.floats(0, 1e6), value=NUMBERS)
def test_no_value_both_raises_and_resolves(limit: float, gap: float, value: float) -> None:
    for rule in (Rule("a", "m", above=limit, resolve=limit - gap), Rule("b", "m", below=limit, resolve=limit + gap)):
        assert not (rule.rings(value) and rule.well(value))


@given(limit=NUMBERS, value=NUMBERS)
def test_without_a_value_to_resolve_at_every_value_does_one_of_both(limit: float, value: float) -> None:
    for rule in (Rule("a", "m", above=limit), Rule("b", "m", below=limit)):
        assert rule.rings(value) != rule.well(value)


def test_a_state_rings_while_it_is_on() -> None:
    rule = Rule("drift", "drift")
    assert rule.is_state and rule.rings(1.0) and rule.well(0.0) and rule.condition == "on"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"above": 50.0, "resolve": 60.0}, "resolved at 60 and raised there too"),
        ({"below": 0.8, "resolve": 0.7}, "resolved at 0.7 and raised there too"),
        ({"above": 1.0, "below": 0.0}, "Write two rules"),
        ({"resolve": 1.0}, "judged as on or off"),
        ({"window_s": 60.0}, "judged as on or off"),
        ({"above": math.nan}, "finite"),
        ({"above": math.inf}, "finite"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(options: dict[str, float], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Rule("a", "m", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "a b", "a\nb", 'a"', "x" * 81])
def test_a_name_that_could_not_be_told_everywhere_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="no name of a rule"):
        Rule(name, "m")


def test_a_silence_covers_its_time_and_its_rules() -> None:
    silence = Silence(10.0, 20.0, "new sensors", ("slow",))
    assert silence.covers("slow", 10.0) and not silence.covers("slow", 20.0) and not silence.covers("drift", 15.0)
    assert Silence(10.0, 20.0, "all").covers("drift", 15.0)


def test_an_empty_silence_is_refused() -> None:
    with pytest.raises(ConfigError, match="empty"):
        Silence(10.0, 10.0, "nothing")
