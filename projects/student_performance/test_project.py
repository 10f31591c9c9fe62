"""The project keeps the contract of all projects, and its simulated students resemble the real ones."""

import csv
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop import Fitted
from omloop.bundle.former_service import read_compat
from omloop.core import InputError
from omloop.testing.project import ProjectContract

from .project import inputs, project
from .simulate import simulate

FOLDER = Path(__file__).parent
DATA = Path(os.environ.get("OMLOOP_DATA", FOLDER.parents[2] / "shared" / "data"))
FILE = DATA / "student_performance" / "ai_impact_student_performance_dataset.csv"


class TestProject(ProjectContract):
    """The three lines that every project needs."""

    project = project


@pytest.fixture(scope="module")
def real() -> dict[str, list[str]]:
    """The real file's columns, as text."""
    if not FILE.is_file():
        pytest.skip(f"the real file is not in {DATA}; name its folder in OMLOOP_DATA")
    with FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_the_real_file_fits_the_schema(real: dict[str, list[str]]) -> None:
    """The word None is a category, so nothing is missing."""
    examples = project.inputs.encode(real)
    assert np.isfinite(examples).all()
    assert len(project.outputs.encode(real["final_score"])) == len(examples)


def test_simulated_students_have_the_real_columns_in_the_real_order(real: dict[str, list[str]]) -> None:
    """A simulated file can stand in for the real one."""
    assert list(simulate(5, 1, 0.0)) == list(real)


def test_simulated_columns_resemble_the_real_ones(real: dict[str, list[str]]) -> None:
    """Means within a tenth of a standard deviation, deviations within a tenth."""
    examples, simulated = project.inputs.encode(real), project.inputs.encode(simulate(4000, 1, 0.0))
    spread = examples.std(axis=0)
    numbers = inputs.indices("number", "integer")
    assert (np.abs(examples.mean(axis=0) - simulated.mean(axis=0))[numbers] < 0.1 * spread[numbers]).all()
    assert (np.abs(simulated.std(axis=0) / spread - 1)[numbers] < 0.1).all()


@pytest.mark.parametrize("name", ["passed", "performance_category"])
def test_leaking_columns_follow_from_the_score_in_both(real: dict[str, list[str]], name: str) -> None:
    """What we derive from our scores by our rule, the real file derives from its scores by the same."""
    ours = simulate(2000, 1, 0.0)
    rule = {score: str(value) for score, value in zip(ours["final_score"].tolist(), ours[name], strict=True)}
    pairs = zip(real["final_score"], real[name], strict=True)
    known = [(rule[float(score)], value) for score, value in pairs if float(score) in rule]
    assert len(known) > 3000
    assert all(one == other for one, other in known)


def test_the_truth_explains_most_of_the_simulated_score() -> None:
    """R2 of the known plane is that of the real file, 0.86."""
    students = simulate(4000, 1, 0.0)
    truth = _plane(students)
    assert 1 - np.var(students["final_score"] - truth) / np.var(students["final_score"]) == pytest.approx(
        0.86, abs=0.01
    )


def test_who_moves_at_a_small_drift_also_moves_at_a_larger_one() -> None:
    """Drift grows: nobody moves back."""
    contents = [simulate(500, 1, drift)["ai_generated_content_percentage"] for drift in (0.0, 0.3, 0.7, 1.0)]
    moved = [content != contents[0] for content in contents]
    assert all((fewer <= more).all() for fewer, more in itertools.pairwise(moved))


def test_drift_doubles_the_error_of_the_plane() -> None:
    """The noise alone is 5 points; for the moved cohort the plane is off by 10."""
    students = simulate(4000, 1, 1.0)
    error = np.sqrt(np.mean(np.square(students["final_score"] - _plane(students))))
    assert 9 < error < 11.5


@pytest.mark.slow
def test_old_and_moved_students_together_teach_the_moved_ones(tmp_path: Path) -> None:
    """Trees tell the cohorts apart: back to within a tenth of the error of before."""
    contract = TestProject()
    old, moved = simulate(4000, 1, 0.0), simulate(2000, 2, 1.0)
    both = {name: [*old[name], *moved[name]] for name in old}
    before = contract.fit("boosting", tmp_path, contract.part(old))
    after = contract.fit("boosting", tmp_path, contract.part(both))
    assert _error(before, simulate(2000, 4, 1.0)) > 1.8 * _error(before, simulate(2000, 3, 0.0))
    assert _error(after, simulate(2000, 4, 1.0)) < 1.1 * _error(before, simulate(2000, 3, 0.0))


def test_the_project_is_imported_on_the_base_install_alone() -> None:
    """Serving and watching look at the project without anything that trains."""
    heavy = ["sklearn", "torch", "lightning", "polars", "hydra", "scipy", "pandas"]
    code = (
        "import sys; from omloop.loop import Workspace, find_project; "
        f"find_project({str(FOLDER)!r}, Workspace.of().settings); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_network_trains_too(tmp_path: Path) -> None:
    """Its answers have the target's unit, though it learns a standardised one."""
    pytest.importorskip("lightning")
    students = simulate(400, 3, 0.0)
    contract = TestProject()
    network = contract.fit("mlp", tmp_path, contract.part(simulate(1000, 1, 0.0)))
    assert _error(network, students) < 0.6 * students["final_score"].std()


def _plane(students: dict[str, Any]) -> Any:
    return (
        5
        + 0.4 * students["last_exam_score"]
        + 0.3 * students["assignment_scores_avg"]
        + 2 * students["concept_understanding_score"]
        - 0.05 * students["ai_generated_content_percentage"]
    )


def _error(fitted: Fitted, students: dict[str, Any]) -> float:
    """Root mean squared error, in points."""
    answers = fitted.predict(project.inputs.encode(students))
    return float(np.sqrt(np.mean(np.square(answers - students["final_score"]))))


def test_what_clients_of_the_service_before_send_is_filled_up_to_a_row() -> None:
    """Seven columns. The share of AI, which their page divided by 100, is refused with its range."""
    content = (FOLDER / "compat.json").read_bytes()
    (route,) = (route for route in read_compat(content).routes if route.take == "rows")
    sent = {
        "grade_level": "12th",
        "study_hours_per_day": 5.0,
        "attendance_percentage": 90,
        "sleep_hours": 7.0,
        "social_media_hours": 2.0,
        "ai_usage_time_minutes": 45,
        "ai_generated_content_percentage": 20,
    }
    assert project.inputs.parse([route.filled(sent, project.inputs.fields)]).shape == (1, 22)
    with pytest.raises(InputError, match=r"0\.2 is not accepted; send an integer from 0 to 100"):
        skewed = {**sent, "ai_generated_content_percentage": 0.2}
        project.inputs.parse([route.filled(skewed, project.inputs.fields)])
