"""The table of prediction memories."""

import sys

import pytest

from omloop.core import MissingExtraError
from omloop.monitor import PREDICTIONS, FilePredictions


def test_files_are_the_memory_on_a_laptop() -> None:
    assert PREDICTIONS.load("files") is FilePredictions


def test_postgresql_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "omloop.monitor.index.postgres", raising=False)
    with pytest.raises(MissingExtraError, match=r"\[postgres\]"):
        PREDICTIONS.load("postgres")
