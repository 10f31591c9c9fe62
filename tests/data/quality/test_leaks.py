"""Columns that give the target away are named; honest ones, however strong, are not."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.core import DataError, Finding, Output, Project
from omloop.data import inspect_dataset, prepare, read_table
from omloop.data.quality.quality import find_oddities
from omloop.kinds import Classes, Column, Number, Table

ROWS = 600
DRAW = np.random.default_rng(7)
PRICE = DRAW.lognormal(3, 2, ROWS)
NOISE = DRAW.normal(size=ROWS)


def project_of(records: dict[str, Any], outputs: Output) -> Project:
    """A project that learns `outputs.name` from all other columns: texts are categories."""
    names = [name for name in records if name != outputs.name]
    words = {name: tuple(sorted(set(records[name]))) for name in names if isinstance(records[name][0], str)}
    columns = (
        Column(name, "category", categories=words[name]) if name in words else Column(name, "number") for name in names
    )
    return Project("toy", "A toy.", Table(tuple(columns)), outputs, outputs.name, {}, "mean", lambda *_: {})


def found(records: dict[str, Any], outputs: Output) -> str:
    """What is said of leaks; nothing where there are none."""
    project = project_of(records, outputs)
    dataset = prepare(project, records, project.inputs, seed=0)
    told = find_oddities(project, project.inputs, records, dataset)
    return next((finding.message for finding in told if finding.check == "leaks"), "")


def with_noise(values: NDArray[Any], r2: float) -> NDArray[np.float64]:
    """The values with so much noise that they explain the share `r2` of the sum."""
    return np.asarray(values + NOISE * values.std() * np.sqrt(1 / r2 - 1))


NORMAL = DRAW.normal(size=ROWS)


def test_a_column_that_is_a_bent_target_is_named_with_its_score_and_the_next_best() -> None:
    """The tail of the price hides nothing: ranks are compared."""
    records = {"logarithm": np.log(PRICE), "noise": NOISE, "price": PRICE}
    said = found(records, Number("price"))
    assert "'logarithm' alone gives the target away on held-out records, r2 of ranks 1.000" in said
    assert "of the others 'noise' says most, r2 of ranks 0.0" in said


def test_a_word_that_one_class_alone_has_is_no_leak() -> None:
    """A third of the ill have it, and none of the well; nor is a word that goes with one of two numbers."""
    ill = NOISE > 0
    fever = np.where(ill & (NORMAL > 0.4), "yes", "no").tolist()
    records = {"fever": fever, "other": DRAW.normal(size=ROWS)}
    assert found({**records, "y": np.where(ill, "ill", "well").tolist()}, Classes("y", ("well", "ill"))) == ""
    assert found({**records, "y": ill.astype(float)}, Number("y")) == ""


def test_two_leaks_do_not_hide_each_other() -> None:
    records = {"net": PRICE / 1.21, "gross": PRICE * 1.1 + 3, "noise": NOISE, "price": PRICE}
    said = found(records, Number("price"))
    assert "'net' alone" in said and "'gross' alone" in said


def test_the_target_under_another_name_is_said_to_be_that() -> None:
    assert "'copy' is the target 'y' under another name" in found({"copy": NOISE, "y": NOISE}, Number("y"))
    words = np.where(NOISE > 1, "ill", "well").tolist()
    assert "'state' is the target 'y' under another name" in found(
        {"state": words, "noise": PRICE, "y": words}, Classes("y", ("well", "ill"))
    )


def test_the_target_is_known_in_a_few_records_too() -> None:
    """Where too few are held out to score anything."""
    assert "'copy' is the target 'y' under another name" in found({"copy": NOISE[:40], "y": NOISE[:40]}, Number("y"))


def test_a_measurement_that_parts_the_classes_to_the_last_record_is_named() -> None:
    """Beside one that says half as much; among few records of a rare class, whose score is uncertain."""
    rare = np.quantile(NOISE, 0.93) < NOISE
    records = {"x": NOISE[:250], "other": (rare + NORMAL)[:250], "y": np.where(rare, "ill", "well")[:250].tolist()}
    assert "'x' alone gives the target away" in found(records, Classes("y", ("well", "ill")))


def test_a_category_that_is_a_rare_class_under_other_words_is_named() -> None:
    """One in sixty: answering the usual class is 98 % right and saves no log loss at all."""
    rare = np.quantile(NOISE, 59 / 60) < NOISE
    records = {
        "ward": [("icu" if one else f"ward {row % 3}") for row, one in enumerate(rare)],
        "noise": DRAW.normal(size=ROWS),
        "y": np.where(rare, "ill", "well").tolist(),
    }
    assert "'ward' alone gives the target away" in found(records, Classes("y", ("well", "ill")))


def test_a_band_of_the_target_follows_from_it_though_it_says_little_alone() -> None:
    records = {"passed": np.where(NORMAL > 1.5, "yes", "no").tolist(), "noise": NOISE, "y": NORMAL}
    assert "'passed' follows from the target: each of its values is a band of it" in found(records, Number("y"))


def test_a_band_with_a_slip_follows_from_the_target_too() -> None:
    y = DRAW.normal(size=4 * ROWS)
    passed = np.where(y > 0.52, "yes", "no").tolist()
    passed[int(y.argmin())] = "yes"
    said = found({"passed": passed, "y": y}, Number("y"))
    assert "'passed' follows from the target on held-out records, log loss saved 0.9" in said


def test_a_number_of_the_row_that_goes_with_the_target_is_named() -> None:
    """Half of the target is the order of the records; a real column that says as much is no finding."""
    y = np.linspace(0, 3, ROWS) + NORMAL
    assert "'row' only numbers the records" in found({"row": np.arange(ROWS), "noise": NOISE, "y": y}, Number("y"))
    assert found({"row": np.linspace(0, 3, ROWS), "noise": NOISE, "y": y}, Number("y")) == ""


@pytest.mark.parametrize("r2", [0.5, 0.7, 0.9])
def test_a_single_strong_predictor_is_no_leak(r2: float) -> None:
    assert found({"x": NORMAL, "other": DRAW.normal(size=ROWS), "y": with_noise(NORMAL, r2)}, Number("y")) == ""


def test_neighbours_that_come_near_make_the_best_one_honest() -> None:
    """The last values of a slow series: each explains nearly all, and the next nearly as much."""
    walk = np.cumsum(DRAW.normal(size=ROWS + 5)) + 1000
    lags = {f"lag{lag}": walk[5 - lag : ROWS + 5 - lag] for lag in range(1, 6)}
    shuffle = DRAW.permutation(ROWS)
    assert found({name: values[shuffle] for name, values in {**lags, "y": walk[5:]}.items()}, Number("y")) == ""


def test_a_class_that_a_measurement_tells_well_is_no_leak() -> None:
    """Three deviations apart: seven errors in a hundred."""
    ill = DRAW.random(ROWS) < 0.3
    records = {"x": NORMAL + 3 * ill, "noise": NOISE, "y": np.where(ill, "ill", "well").tolist()}
    assert found(records, Classes("y", ("well", "ill"))) == ""


def test_a_leak_is_refused_by_policy() -> None:
    records = {"taxed": 1.08 * PRICE, "noise": NOISE, "price": PRICE}
    project = project_of(records, Number("price"))
    dataset = prepare(project, records, project.inputs, seed=0)
    with pytest.raises(DataError, match=r"'taxed' alone gives the target away.*data\.quality=warn"):
        inspect_dataset(project, project.inputs, records, dataset, policy="refuse")


@pytest.fixture(scope="module")
def students() -> dict[str, Any]:
    root = Path(os.environ.get("OMLOOP_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = root / "student_performance" / "ai_impact_student_performance_dataset.csv"
    if not path.is_file():
        pytest.skip(f"the real file is not in {root}; name its folder in OMLOOP_DATA")
    records = {name: list(values) for name, values in read_table(path).items()}
    words = {"gender", "grade_level", "ai_tools_used", "ai_usage_purpose", "performance_category"}
    return {name: values if name in words else [float(one) for one in values] for name, values in records.items()}


def test_what_the_real_students_file_derives_from_the_score_is_found_and_nothing_else(students: dict[str, Any]) -> None:
    said = found(students, Number("final_score"))
    assert "'passed' follows from the target" in said and "'performance_category' follows from the target" in said
    honest = {name: values for name, values in students.items() if name not in ("passed", "performance_category")}
    assert found(honest, Number("final_score")) == ""


def test_findings_are_warnings_that_count_columns() -> None:
    records = {"net": PRICE / 1.21, "gross": PRICE * 1.1, "noise": NOISE, "price": PRICE}
    project = project_of(records, Number("price"))
    dataset = prepare(project, records, project.inputs, seed=0)
    (told,) = [one for one in find_oddities(project, project.inputs, records, dataset) if one.check == "leaks"]
    assert isinstance(told, Finding) and (told.severity, told.count) == ("warning", 2)
    assert set(told.columns) == {"net", "gross"}
