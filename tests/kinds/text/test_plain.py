import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.kinds.text.plain import plain


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a<br /><br />b", "a b"),
        ("<p class='x'>Fine</p>", "Fine"),
        ("it&#39;s &amp; was", "it's & was"),
        ("&lt;br /&gt;seen", "seen"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("a\x00b\tc\r\n d", "a b c d"),
        ("cafe\u0301", "café"),
        ("  ", ""),
        ("<!-- hidden -->shown", "shown"),
    ],
)
def test_marks_are_removed_and_characters_kept(given: str, expected: str) -> None:
    assert plain(given) == expected


MARKS = st.sampled_from(["<", ">", "&", "lt", "amp", ";", "b", "/", "\u037e", "#60", " ", "\u0338", "gt", "!--", "--"])


@settings(max_examples=200, deadline=None)
@given(st.lists(MARKS | st.text(max_size=3), max_size=20).map("".join))
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    """So what was logged can be sent again; even where marks hide inside marks."""
    assert plain(plain(text)) == plain(text)


def test_marks_hidden_a_thousand_times_cost_no_more_than_a_few_rounds() -> None:
    """Work is bounded: rounds are counted, so this ends at once."""
    assert plain("&" + "amp;" * 5000 + "lt;br>") != ""
    assert plain("<a" * 3000 + ">" * 3000)
