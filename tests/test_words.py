"""The glossary knows the words of the code."""

import inspect
import re
from pathlib import Path

from omloop import core

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "words.md"
ROWS = [line.split("|")[1:4] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
OURS = [name for ours, _, _ in ROWS for name in re.findall(r"`(\w+)`", ours)]


def test_every_type_of_core_has_a_line() -> None:
    types = {
        name
        for name in core.__all__
        if inspect.isclass(thing := getattr(core, name)) and not issubclass(thing, Exception)
    }
    assert types - set(OURS) == set()


def test_every_word_in_code_is_a_name_of_core_and_has_one_line() -> None:
    assert [name for name in OURS if not hasattr(core, name)] == []
    assert sorted(OURS) == sorted(set(OURS))


def test_every_line_says_it_in_the_fields_words_too() -> None:
    assert all(theirs.strip() and about.strip() for _, theirs, about in ROWS)
