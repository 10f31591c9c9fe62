"""What the page remembers of browsers."""

from omloop.ui.session import MOST, Sessions


def test_a_key_is_not_forgotten_for_browsers_that_gave_none() -> None:
    sessions = Sessions()
    sessions.of("ada").key = "omk_x"
    for number in range(2 * MOST):
        sessions.of(f"nobody {number}")
    assert sessions.of("ada").key == "omk_x"


def test_of_browsers_with_keys_the_one_not_seen_for_longest_is_forgotten() -> None:
    sessions = Sessions()
    for number in range(MOST):
        sessions.of(str(number)).key = "omk_x"
    sessions.of("0")
    sessions.of("another").key = "omk_y"
    assert sessions.of("0").key == "omk_x" and sessions.of("another").key == "omk_y"
    assert sessions.of("1").key == ""
