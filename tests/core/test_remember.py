"""What was made of a value is remembered by the value's identity, and not for ever."""

from omloop.core import memoise
from omloop.core._remember import MOST


def test_each_of_equal_values_is_made_once() -> None:
    made: list[list[str]] = []

    def sort(words: list[str]) -> list[str]:
        made.append(sorted(words))
        return made[-1]

    one, other = ["b", "a"], ["b", "a"]
    ordered = memoise(sort)
    assert ordered(one) is ordered(one) and ordered(other) is not ordered(one)
    assert made == [["a", "b"], ["a", "b"]]


def test_the_oldest_is_forgotten_and_none_is_taken_for_another() -> None:
    length = memoise(len)
    assert [length([0] * number) for number in range(3 * MOST)] == list(range(3 * MOST))
    assert len(length.__closure__[0].cell_contents) <= MOST  # type: ignore[attr-defined]
