"""Errors are one family, and each says what would have worked."""

import doctest
from pathlib import Path

import omloop.core
from omloop.core import (
    ConflictError,
    DataError,
    InputError,
    MissingExtraError,
    OmloopError,
    StoreError,
    UnknownNameError,
    _errors,
    did_you_mean,
    install_command,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def test_every_error_is_of_the_family_and_in_its_tree() -> None:
    errors = [getattr(omloop.core, name) for name in omloop.core.__all__ if name.endswith("Error")]
    assert len(errors) > 10
    assert all(issubclass(error, OmloopError) for error in errors)
    assert [error.__name__ for error in errors if f" {error.__name__}" not in (_errors.__doc__ or "")] == []


def test_an_unknown_name_comes_with_the_nearest_known_one_and_all_of_them_sorted() -> None:
    error = UnknownNameError("track backend", "mlfow", ["mlflow", "files"])
    assert str(error) == "No track backend is called 'mlfow'. Did you mean 'mlflow'? There are: files, mlflow."


def test_an_unknown_name_in_an_empty_table_says_that_there_are_none() -> None:
    error = UnknownNameError("project", "churn", [], next_step="Make one with: omloop new.")
    assert str(error) == "No project is called 'churn'. There are none yet. Make one with: omloop new."


def test_a_far_name_is_not_suggested() -> None:
    assert did_you_mean("zebra", ["sleep_hours", "age"]) == ""


def test_the_nearest_of_several_names_is_suggested() -> None:
    assert did_you_mean("sleep_hour", ["sleep", "sleep_hours"]) == " Did you mean 'sleep_hours'?"


def test_a_missing_extra_says_how_to_install_it() -> None:
    error = MissingExtraError("The track backend 'mlflow'", "mlflow", "mlflow")
    assert str(error).endswith(f"Add it with: {install_command('mlflow')}")
    assert error.extra == "mlflow"


def test_an_input_error_carries_its_field_and_its_reason() -> None:
    error = InputError("is missing", "rows[3].age")
    assert (error.field, error.reason, str(error)) == ("rows[3].age", "is missing", "rows[3].age: is missing")
    assert isinstance(error, DataError)


def test_an_input_error_of_the_whole_body_has_no_field() -> None:
    assert str(InputError("send at least one row")) == "send at least one row"


def test_a_conflict_is_a_trouble_of_the_store() -> None:
    assert issubclass(ConflictError, StoreError)


def test_every_error_is_on_its_page_and_the_example_there_runs() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in omloop.core.__all__ if name.endswith("Error") and f"`{name}`" not in page] == []
    assert doctest.testfile(str(PAGE), module_relative=False).failed == 0
