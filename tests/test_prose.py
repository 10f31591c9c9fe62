"""Pages are read once: few long sentences, few in the passive."""

from pathlib import Path
from types import ModuleType

import pytest
from tests.docs_scripts import docs_script

ROOT = Path(__file__).parent.parent
WRITTEN = ("tutorial", "how-to", "why", "decisions", "projects", "front")
"""Shelves that are written by hand; pages of reference are partly made from docstrings."""
LONGEST = 36


@pytest.fixture(scope="module")
def prose() -> ModuleType:
    return docs_script("check_prose")


@pytest.mark.parametrize("shelf", WRITTEN)
def test_a_shelf_is_in_plain_english(shelf: str, prose: ModuleType) -> None:
    """`python docs/check_prose.py --list` names the long sentences."""
    sentences = prose.sentences_on(shelf)
    long = [one for one in sentences if one.words > prose.LONG]
    assert len(long) <= 0.03 * len(sentences)
    assert not [f"{one.path}:{one.line} {one.text}" for one in long if one.words > LONGEST]
    assert sum(one.passive for one in sentences) <= 0.15 * len(sentences)


def test_sentences_are_counted_as_a_reader_counts_them(prose: ModuleType) -> None:
    page = "# No sentence\n\nIt was read. omloop, e.g. `a b c`, reads\nit *once*.\n\n```text\nNo. None.\n```\n"
    first, second = prose.sentences_of(page, "page.md")
    assert (first.text, first.words, first.passive) == ("It was read.", 3, True)
    assert (second.words, second.passive, second.line) == (6, False, 3)
