import pytest

from omloop.core import Columns, ConfigError, DataError, Project
from omloop.data import checked, features_of


def test_good_records_pass_unchanged(project: Project, records: Columns) -> None:
    assert checked(project, project.inputs, records, drop=False) == (records, ())


def test_a_missing_column_is_named(project: Project, records: Columns) -> None:
    without = {name: values for name, values in records.items() if name != "age"}
    with pytest.raises(DataError, match="'age' is missing"):
        checked(project, project.inputs, without, drop=False)


def test_an_extra_column_is_named(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="'shoe' is not a column of toy"):
        checked(project, project.inputs, {**records, "shoe": records["age"]}, drop=False)


def test_a_renamed_column_is_recognised(project: Project, records: Columns) -> None:
    renamed = {("hour" if name == "hours" else name): values for name, values in records.items()}
    with pytest.raises(DataError, match="'hour' is not a column of toy; did you mean 'hours'.*'hours' is missing"):
        checked(project, project.inputs, renamed, drop=False)


def test_ignored_columns_may_be_absent(project: Project, records: Columns) -> None:
    checked(project, project.inputs, {n: v for n, v in records.items() if n != "row"}, drop=False)


def test_columns_of_unequal_length_are_refused(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="not of one length"):
        checked(project, project.inputs, {**records, "age": records["age"][:-1]}, drop=False)


def test_dropping_leaves_out_bad_records_and_says_how_many(project: Project, records: Columns) -> None:
    bad = {**records, "hours": ["nan", *records["hours"][1:]], "score": [*records["score"][:-1], "much"]}
    kept, notes = checked(project, project.inputs, bad, drop=True)
    assert len(kept["age"]) == 298
    assert notes == ("2 of 300 records did not fit and were left out",)


def test_dropping_everything_is_an_error(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="No record fits"):
        checked(project, project.inputs, {**records, "tool": ["?"] * 300}, drop=True)


def test_dropping_does_not_excuse_a_missing_column(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="'age' is missing"):
        checked(project, project.inputs, {n: v for n, v in records.items() if n != "age"}, drop=True)


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
