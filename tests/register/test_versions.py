import pytest

from omloop.core import Event, StoreError, UnknownNameError
from omloop.register.versions import addition_events, find


def add(digest: str, number: int = 1) -> Event:
    full = digest.ljust(64, "0")
    return Event(number, 0.0, "add", full[:12], None, "ada", evidence={"digest": full})


KNOWN = [add("abcd1111"), add("abcd2222", 2), add("f00d", 3)]


@pytest.mark.parametrize("given", ["f00d", "f00d00000", "F00D", "f00d" + 60 * "0", "f00d00000000"])
def test_any_beginning_that_fits_one_version_finds_it(given: str) -> None:
    assert find(KNOWN, given, "demo") is KNOWN[2]


def test_a_beginning_of_two_versions_asks_for_more_digits() -> None:
    with pytest.raises(UnknownNameError, match=r"abcd11110000, abcd22220000. Give more digits\."):
        find(KNOWN, "abcd", "demo")


@pytest.mark.parametrize("given", ["", "f", "f00"])
def test_fewer_than_four_digits_are_refused(given: str) -> None:
    with pytest.raises(UnknownNameError, match="at least 4 of its digits"):
        find(KNOWN, given, "demo")


def test_a_misspelt_version_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'f00d00000000'"):
        find(KNOWN, "food00000000", "demo")


def test_a_project_without_versions_says_so() -> None:
    with pytest.raises(UnknownNameError, match=r"No version of demo is called 'f00d'\. There are none yet\."):
        find([], "f00d", "demo")


def test_a_long_list_of_versions_is_cut_to_the_newest() -> None:
    many = [add(f"{number:06d}", number) for number in range(100)]
    with pytest.raises(UnknownNameError, match="see all with: omloop versions demo") as caught:
        find(many, "ffffff", "demo")
    assert len(str(caught.value)) < 400


def test_only_additions_make_versions() -> None:
    promotion = Event(4, 0.0, "promote", "f00d00000000", "f00d00000000", "ada")
    assert list(addition_events([*KNOWN, promotion])) == ["abcd11110000", "abcd22220000", "f00d00000000"]


def test_an_addition_without_a_digest_is_named() -> None:
    lost = Event(3, 0.0, "add", "c0ffee123456", None, "ada", evidence={"digest": "c0ffee"})
    with pytest.raises(StoreError, match="Event 3 of the history adds c0ffee123456 without a digest"):
        find([lost], "c0ff", "demo")
