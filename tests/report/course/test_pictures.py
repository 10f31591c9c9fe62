"""Pictures are found as the checker's expression finds them, however hostile the text."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from omloop.report.course.pictures import pictures_in

TEXT = st.lists(st.sampled_from(["![", "](", ")", "!", "[", "a", "\n", "\r", "\u2028"]), max_size=30)


@given(TEXT)
@example(["![", "a", "![", "](", ")", "![", "](", ")"])
@example(["![", "](", "\n", "![", "]", "(", ")", "![", "](", "![", "](", ")", ")"])
@settings(max_examples=300)
def test_what_the_expression_finds_is_found(parts: list[str]) -> None:
    text = "".join(parts)
    found = [text[one.place : one.place + len(one.alt) + len(one.target) + 5] for one in pictures_in(text)]
    assert found == re.findall(r"!\[.*?\]\(.*?\)", text)


def test_a_picture_may_be_empty_or_code_but_not_over_two_lines() -> None:
    assert [one.target for one in pictures_in("![]() `![a](b)` ![c\n](d) <img src=e> [f](g)")] == ["", "b"]


def test_millions_of_beginnings_take_no_longer_than_reading_them() -> None:
    for part in ("![", "![](", "![a](b"):
        assert list(pictures_in(part * 500_000)) == []
