"""Whether records are in the order of time is said, or guessed and told; without one a drift is a warning at first."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from omloop.cli.command.watch import as_lines
from omloop.core import Columns, Project
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import TurnResult, turn
from omloop.loop.watch.policy import Policy
from omloop.loop.watch.watch import watch_once

GoLive = Callable[..., None]


@pytest.fixture
def dated(student: Project) -> Project:
    """The reference project, whose records say when they came."""
    return replace(student, ignored={**student.ignored, "came": "it is when the record came"})


def turned_on(project: Project, workspace: Workspace, path: Path, *words: str, shuffled: bool = False) -> TurnResult:
    """A turn on 2,000 exported records, one each ten minutes."""
    columns = dict(project.simulate(2000, 5, 0.0))
    columns["came"] = [str(datetime(2026, 1, 5) + timedelta(minutes=10 * row)) for row in range(2000)]
    order = np.random.default_rng(0).permutation(2000) if shuffled else np.arange(2000)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows([[values[row] for values in columns.values()] for row in order.tolist()])
    return turn(Plan.of(project, ["data=file", f"data.path={path}", "model=linear", *words], workspace))


def known(workspace: Workspace, turned: TurnResult) -> bool:
    reference = workspace.registry(turned.project).load(turned.version).reference
    return all(cells.dispersion is not None for cells in reference.columns.values())


def dispersion(workspace: Workspace, turned: TurnResult) -> float | None:
    """As how many labels one counts, as far as the bundle knows."""
    baseline = workspace.registry(turned.project).load(turned.version).baseline
    assert baseline is not None
    return baseline.dispersion


def test_hard_stretches_of_the_records_are_known_to_the_alarm_on_labels(
    dated: Project, workspace: Workspace, tmp_path: Path
) -> None:
    def noisy(count: int, seed: int, drift: float) -> Columns:
        made = dict(dated.simulate(count, seed, drift))
        scores = np.asarray(made[dated.target], np.float64)
        hard = np.arange(count) // 200 % 2 * np.random.default_rng(seed).normal(0, 25, count)
        return {**made, dated.target: np.clip(scores + hard, 0, 100)}

    found = turned_on(replace(dated, simulate=noisy), workspace, tmp_path / "a.csv")
    evenly = turned_on(dated, workspace, tmp_path / "b.csv", "split.seed=3", "choose=validation")
    hard = dispersion(workspace, found)
    assert hard is not None and hard > 8
    assert dispersion(workspace, evenly) is None, "432 rows show none, and are too few to say that there is none"


def test_a_column_of_rising_times_is_taken_for_the_order_and_told(
    dated: Project, workspace: Workspace, tmp_path: Path
) -> None:
    found = turned_on(dated, workspace, tmp_path / "a.csv")
    assert known(workspace, found)
    (note,) = (note for note in found.notes if "order of time" in note)
    assert "by their column 'came'" in note and "data.ordered=false" in note


def test_what_is_guessed_can_be_denied(dated: Project, workspace: Workspace, tmp_path: Path) -> None:
    found = turned_on(dated, workspace, tmp_path / "a.csv", "data.ordered=false")
    assert not known(workspace, found)
    assert not any("their column" in note for note in found.notes)


def test_without_an_order_the_turn_and_the_watch_say_what_is_promised_and_how_to_give_one(
    dated: Project, workspace: Workspace, tmp_path: Path, go_live: GoLive
) -> None:
    found = turned_on(dated, workspace, tmp_path / "a.csv", shuffled=True)
    (note,) = (note for note in found.notes if "order of time" in note)
    assert "in the first 10,000 predictions" in note and "data.ordered=true" in note
    go_live(workspace, 300, drift=0.0, seed=7)
    lines = [str(line) for line in as_lines(watch_once(dated.name, workspace))]
    assert any(line.startswith("promise") and "data.ordered=true" in line for line in lines)


def test_a_drift_is_a_warning_while_one_calibrates_and_leads_to_no_retraining(
    dated: Project, workspace: Workspace, tmp_path: Path, go_live: GoLive
) -> None:
    turned_on(dated, workspace, tmp_path / "a.csv", shuffled=True)
    go_live(workspace, 600, drift=1.0, seed=6, labelled=False)
    found = watch_once(dated.name, workspace, Policy(drift="retrain", least_labels=20))
    assert not found.rings and found.events == () and found.report is None
    assert found.seen.warning is not None and not found.seen.moved
    assert "moved, or this traffic varies by itself; not an alarm yet" in found.action
    assert any("warning" in str(line) for line in as_lines(found))
