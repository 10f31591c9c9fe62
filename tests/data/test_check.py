from dataclasses import replace

import pytest

from omloop.core import Columns, ConfigError, DataError, Project, UnknownNameError
from omloop.data import check_records, features_of, of_classes, with_classes
from omloop.kinds import Classes


def test_good_records_pass_unchanged(project: Project, records: Columns) -> None:
    assert check_records(project, project.inputs, records, drop=False) == (records, ())


def test_a_missing_column_is_named(project: Project, records: Columns) -> None:
    without = {name: values for name, values in records.items() if name != "age"}
    with pytest.raises(DataError, match="'age' is missing"):
        check_records(project, project.inputs, without, drop=False)


def test_an_extra_column_is_named(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="'shoe' is not a column of toy"):
        check_records(project, project.inputs, {**records, "shoe": records["age"]}, drop=False)


def test_a_renamed_column_is_recognised(project: Project, records: Columns) -> None:
    renamed = {("hour" if name == "hours" else name): values for name, values in records.items()}
    with pytest.raises(DataError, match="'hour' is not a column of toy; did you mean 'hours'.*'hours' is missing"):
        check_records(project, project.inputs, renamed, drop=False)


def test_ignored_columns_may_be_absent(project: Project, records: Columns) -> None:
    check_records(project, project.inputs, {n: v for n, v in records.items() if n != "row"}, drop=False)


def test_columns_of_unequal_length_are_refused(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="not of one length"):
        check_records(project, project.inputs, {**records, "age": records["age"][:-1]}, drop=False)


def test_dropping_leaves_out_bad_records_and_says_how_many(project: Project, records: Columns) -> None:
    bad = {**records, "hours": ["nan", *records["hours"][1:]], "score": [*records["score"][:-1], "much"]}
    kept, notes = check_records(project, project.inputs, bad, drop=True)
    assert len(kept["age"]) == 298
    assert notes == ("2 of 300 records did not fit and were left out",)


def test_dropping_everything_is_an_error(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="No record fits"):
        check_records(project, project.inputs, {**records, "tool": ["?"] * 300}, drop=True)


def test_dropping_does_not_excuse_a_missing_column(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="'age' is missing"):
        check_records(project, project.inputs, {n: v for n, v in records.items() if n != "age"}, drop=True)


def test_features_can_be_chosen(project: Project) -> None:
    assert features_of(project, ["age", "hours"]).fields == ("age", "hours")
    assert features_of(project, []) is project.inputs


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("row", "'row' cannot be a feature: a row number"),
        ("score", "'score' cannot be a feature: it is what the model must predict"),
        ("hour", "no column 'hour'. Did you mean 'hours'"),
    ],
)
def test_what_may_not_be_a_feature_is_refused_with_the_reason(project: Project, name: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        features_of(project, [name])


MOOD = Classes("mood", ("sad", "calm", "happy"), flags={"well": ("calm", "happy"), "dull": ("calm",)})


def test_classes_can_be_chosen(project: Project) -> None:
    """In the project's order, with what is left of its flags; everything else of it stays."""
    moody = replace(project, outputs=MOOD, target="mood")
    chosen = with_classes(moody, ["happy", "sad"])
    assert chosen == replace(moody, outputs=Classes("mood", ("sad", "happy"), flags={"well": ("happy",)}))
    assert with_classes(moody, []) == moody and with_classes(project, []) == project


def test_classes_that_cannot_be_chosen_are_refused(project: Project) -> None:
    moody = replace(project, outputs=MOOD)
    with pytest.raises(UnknownNameError, match="'hapy'. Did you mean 'happy'"):
        with_classes(moody, ["sad", "hapy"])
    with pytest.raises(ConfigError, match="'sad' alone leaves nothing to tell apart"):
        with_classes(moody, ["sad"])
    with pytest.raises(ConfigError, match="'score' is a number, which has no classes"):
        with_classes(project, ["low"])


def test_records_of_other_classes_are_left_out_and_told() -> None:
    """All their columns; a missing target stays, so that it is refused where targets are."""
    records = {"mood": ["sad", "calm", None, "happy", "clam"], "row": [0, 1, 2, 3, 4]}
    kept, notes = of_classes("mood", records, ["sad", "happy"])
    assert kept == {"mood": ["sad", None, "happy"], "row": [0, 2, 3]}
    assert notes == ("2 of 5 records were left out: they are of other classes than data.classes (calm 1, clam 1)",)
    assert of_classes("mood", records, []) == (records, ())
    with pytest.raises(DataError, match="No record is of data.classes, happy, fine. The records are of: calm 1"):
        of_classes("mood", {"mood": ["calm"]}, ["happy", "fine"])


def test_a_project_s_id_must_be_there(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="'customer' is missing"):
        check_records(replace(project, id="customer"), project.inputs, records, drop=False)


def test_records_without_a_target_are_left_out_and_counted_unless_that_is_refused(
    project: Project, records: Columns
) -> None:
    gone = [None, "", float("nan"), *list(records[project.target])[3:]]
    kept, notes = check_records(project, project.inputs, {**records, project.target: gone}, drop=False)
    assert len(kept[project.target]) == len(gone) - 3 and len(kept[project.inputs.fields[0]]) == len(gone) - 3
    assert notes[0].startswith(f"3 of {len(gone)} records have no '{project.target}'") and "data.unlabelled" in notes[0]
    whole = {**records, project.target: gone}
    assert check_records(project, project.inputs, whole, drop=False, unlabelled="block") == (whole, ())
    with pytest.raises(DataError, match="None of the"):
        check_records(project, project.inputs, {**records, project.target: [None] * len(gone)}, drop=False)
