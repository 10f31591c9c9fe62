"""A project in which one name would stand for two things is refused, with the reason and what to do."""

from collections.abc import Mapping
from typing import Any

import pytest

from omloop.bundle.engine.embedding import RECORDED, embedding_names
from omloop.bundle.reference.reference import OUTCOME
from omloop.core import ConfigError, Kind, Output, Project
from omloop.kinds import Classes, Column, Image, Number, Table, Text

MOOD = Classes("mood", ("calm", "cross"))


def project(inputs: Kind | None = None, outputs: Output = MOOD, **more: Any) -> Project:
    kind = inputs or Table((Column("hours", "number"),))
    values: dict[str, Any] = {"target": "mood", "models": {}, "baseline": "", "simulate": lambda *_: {}, **more}
    return Project("moods", "Moods.", kind, outputs, **values)


def columns(*names: str) -> Table:
    return Table(tuple(Column(name, "number") for name in names))


def test_ordinary_names_are_accepted() -> None:
    """Odd ones too: a name need not be a word, and case tells two columns apart."""
    odd = columns("price [€]", "a.b", "x<=1", "😀", "class", "label", "value", "id", "Hours", "hours", "outcomes")
    assert (
        project(odd, ignored={"": "the row numbers of a spreadsheet"}, slices=("class",), group="id").target == "mood"
    )


@pytest.mark.parametrize("name", ["prediction", "confidence", OUTCOME, RECORDED, *embedding_names(12)])
def test_a_column_that_omloop_watches_by_that_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"An input column is called '{name}'.*Call the column otherwise"):
        project(columns("hours", name))


def test_only_the_answers_own_words_are_taken() -> None:
    """A number has no confidence."""
    number = Number("score")
    assert project(columns("confidence"), number)
    with pytest.raises(ConfigError, match="called 'prediction'"):
        project(columns("prediction"), number)


def test_a_version_may_answer_its_confidence_itself() -> None:
    """It is looked at again as a project, by what it answers."""
    assert project(outputs=Classes("mood", ("calm", "cross"), calibration="none", flags={"angry": ("cross",)}))


@pytest.mark.parametrize("flag", ["id", "observed", "tokens", "truncated", "confidence", "index", "version"])
def test_a_flag_by_another_words_name_is_refused(flag: str) -> None:
    with pytest.raises(ConfigError, match=f"A flag is called '{flag}'.*Call the flag otherwise"):
        project(outputs=Classes("mood", ("calm", "cross"), flags={flag: ("cross",)}))


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (("calm", "cross", "calm"), "'calm' is a class 2 times"),
        (("calm", ""), "'' is a class, which nobody could ask for"),
        (("calm", " "), "' ' is a class"),
        ((0, 1), "0 is a class, but no text. Write '0'. 1 is a class"),
        (("calm", "calm "), "'calm' and 'calm ' are two classes that look the same"),
        (("caf\u00e9", "cafe\u0301"), r"'caf\\xe9' and 'cafe\\u0301' are two classes that look the same"),
    ],
)
def test_classes_that_cannot_be_told_apart_are_refused(classes: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        project(outputs=Classes("mood", classes))


def test_an_empty_category_is_an_absent_value() -> None:
    table = Table((Column("tool", "category", categories=("", "pen")),))
    with pytest.raises(ConfigError, match="'' is a category of 'tool'.*missing=True"):
        project(table)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"inputs": columns("hours", "")}, "'' is an input column"),
        ({"ignored": {"hours": "secret"}}, r"'hours' is an input column, and ignored \(secret\)"),
        ({"inputs": columns("caf\u00e9", "cafe\u0301")}, "two columns that look the same"),
        ({"slices": "hours"}, "each letter of which would be a slice"),
        ({"slices": ("hours", "hours")}, "'hours' is a slice 2 times"),
        ({"target": ""}, "Its target is ''"),
        ({"group": ""}, "Its group is ''"),
        ({"part": ""}, "Its part is ''"),
        ({"id": ""}, "Its id is ''"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_refused(more: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        project(**more)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError, match="'prediction'.*'confidence'"):
        project(columns("prediction", "confidence"))


def test_pictures_and_texts_observe_no_such_name() -> None:
    """Their columns are omloop's own."""
    assert project(Image(8, 8, 3)) and project(Text("review"))


def test_one_text_is_no_list_of_names() -> None:
    """Letters would become classes and categories in silence."""
    with pytest.raises(ConfigError, match=r"'classes' of 'mood' is one text.*Write \('calm',\)"):
        Classes("mood", "calm")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"'good' of 'mood' is one text"):
        Classes("mood", ("a", "b"), flags={"good": "ab"})  # type: ignore[dict-item]
    with pytest.raises(ConfigError, match=r"column 'tool' has one text for categories"):
        Column("tool", "category", categories="pen")  # type: ignore[arg-type]


def test_a_caution_is_one_text() -> None:
    assert project(caution="Not for the road.").caution == "Not for the road."
    with pytest.raises(ConfigError, match="Write it as one text"):
        project(caution=("Not", "for the road."))
