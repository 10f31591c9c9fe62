import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import ConflictError, Event, EventKind, PromotionError
from omloop.register.line import champion_of, earlier, line, previous, require_champion


def events(*steps: tuple[EventKind, str]) -> list[Event]:
    """A history in which every step but a decision makes its version champion."""
    found: list[Event] = []
    for number, (kind, version) in enumerate(steps, start=1):
        champion = champion_of(found) if kind in ("add", "decide") else version
        found.append(Event(number, 0.0, kind, version, champion, "ada"))
    return found


def test_nobody_is_champion_before_the_first_promotion() -> None:
    assert champion_of([]) is None
    assert champion_of(events(("add", "one"))) is None


def test_a_rollback_walks_further_back_each_time() -> None:
    steps: list[tuple[EventKind, str]] = [("promote", "one"), ("promote", "two"), ("promote", "three")]
    assert previous(events(*steps), "demo") == "two"
    assert previous(events(*steps, ("rollback", "two")), "demo") == "one"


def test_after_a_rollback_the_next_promotion_continues_from_there() -> None:
    found = events(("promote", "one"), ("promote", "bad"), ("rollback", "one"), ("promote", "three"))
    assert previous(found, "demo") == "one"


def test_a_version_that_was_champion_twice_stands_in_the_line_twice() -> None:
    found = events(("promote", "one"), ("promote", "two"), ("promote", "one"), ("rollback", "two"))
    assert line(found) == ("one", "two")


def test_a_rollback_to_a_version_outside_the_line_adds_it() -> None:
    found = events(("promote", "one"), ("promote", "two"), ("rollback", "one"), ("rollback", "two"))
    assert line(found) == ("one", "two")


def test_there_is_nothing_before_the_first_champion() -> None:
    with pytest.raises(PromotionError, match="has no champion yet"):
        previous(events(("add", "one")), "demo")
    with pytest.raises(PromotionError, match="no champion of demo before one"):
        previous(events(("promote", "one")), "demo")


def test_only_an_earlier_champion_can_be_gone_back_to() -> None:
    found = events(("promote", "one"), ("promote", "two"), ("add", "three"))
    assert earlier(found, "one", "demo") == "one"
    with pytest.raises(PromotionError, match="already the champion"):
        earlier(found, "two", "demo")
    with pytest.raises(PromotionError, match="never champion"):
        earlier(found, "three", "demo")


def test_another_champion_than_expected_is_a_conflict_that_names_both() -> None:
    found = events(("promote", "one"))
    require_champion(found, "one", "demo")
    with pytest.raises(ConflictError, match=r"is one, not two"):
        require_champion(found, "two", "demo")
    with pytest.raises(ConflictError, match=r"is one, not still to be chosen"):
        require_champion(found, None, "demo")


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["promote one", "promote two", "promote three", "back", "one", "two"]), max_size=20))
def test_the_line_always_ends_with_the_champion(moves: list[str]) -> None:
    steps: list[tuple[EventKind, str]] = []
    for move in moves:
        found = events(*steps)
        if move.startswith("promote"):
            steps.append(("promote", move.split()[1]))
        elif move == "back" and len(line(found)) > 1:
            steps.append(("rollback", previous(found, "demo")))
        elif move != champion_of(found) and any(event.champion == move for event in found):
            steps.append(("rollback", move))
    assert line(events(*steps))[-1:] == ((champion_of(events(*steps)),) if steps else ())
