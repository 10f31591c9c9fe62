"""Sweeps of the reference project: few trials of a small model."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omloop.core import ConfigError, DataError, Project, TrainError, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.runs.runs import runs_of, with_tags
from omloop.loop.sweep.order import SweepOptions, SweepOrder
from omloop.loop.sweep.sweep import sweep
from omloop.loop.sweep.sweep_file import with_sweep_file

LINEAR = ("model=linear", "model.knots=0", "data.rows=300", "model.alpha=log:1e-4,1e4")


def swept(
    workspace: Workspace, *words: str, turned: bool = False, told: list[str] | None = None, **options: Any
) -> Any:
    order = SweepOrder.of("student_performance", words or LINEAR, SweepOptions(**options), workspace)
    tell: Callable[[str], None] = told.append if told is not None else lambda text: None
    return sweep(order, turned=turned, tell=tell)


def test_the_best_trial_is_turned_and_every_trial_is_a_run(workspace: Workspace) -> None:
    told: list[str] = []
    found = swept(workspace, *LINEAR, "choose=cross-validation", turned=True, told=told, trials=4, method="random")
    assert found.best.value == max(trial.value or 0.0 for trial in found.trials)
    assert found.turned is not None and found.turned.promoted
    assert found.turned.models[1].scores["r2"].value == found.best.value
    runs = with_tags(runs_of("student_performance", workspace), {"sweep": found.name})
    assert [run.kind for run in runs] == ["turn", *["trial"] * 4]
    assert any("4 of 4: trial 3, model.alpha=" in line and "best" in line for line in told)
    rows = [*csv.DictReader((found.folder / "trials.csv").open(newline=""))]
    assert [row["model.alpha"] for row in rows] == [trial.words["model.alpha"] for trial in found.trials]
    assert {path.stem for path in (found.folder / "plots").iterdir()} == {"history"}


def test_the_same_sweep_goes_on_and_is_done_once_it_is(workspace: Workspace) -> None:
    first = swept(workspace, trials=1)
    told: list[str] = []
    more = swept(workspace, trials=2, told=told)
    assert more.trials[0] == first.trials[0] and len(more.trials) == 2 and more.name == first.name
    assert told[0].endswith("1 of 2 trials are there")
    assert swept(workspace, trials=2).trials == more.trials


def test_settings_that_come_again_are_not_trained_again(workspace: Workspace) -> None:
    found = swept(workspace, *LINEAR[:3], "model.alpha=1,10", trials=6, method="random")
    runs = with_tags(runs_of("student_performance", workspace), {"sweep": found.name})
    assert len(found.trials) == 6 and len(runs) == len({str(trial.words) for trial in found.trials}) <= 2
    assert len({trial.value for trial in found.trials}) == len(runs)


def test_what_nothing_could_be_configured_with_is_refused_before_the_first_trial(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"no configuration key 'model\.depht'"):
        swept(workspace, "model=linear", "model.depht=1,2")
    with pytest.raises(ConfigError, match=r"model\.optimiser=rmsprop is not known"):
        swept(workspace, "model=mlp", "model.optimiser=adam,rmsprop")
    with pytest.raises(ConfigError, match="Nothing is varied"):
        swept(workspace, "model=linear", "data.rows=300")
    assert not (workspace.root / "sweeps").exists()


def test_a_trial_that_fails_is_told_and_all_that_fail_end_the_sweep(workspace: Workspace) -> None:
    words = ("model=linear", "data.rows=300,1", "model.knots=0")
    found = swept(workspace, *words, trials=2, method="grid")
    assert sorted(trial.state for trial in found.trials) == ["done", "failed"]
    assert any("records" in trial.reason for trial in found.trials)
    with pytest.raises(TrainError, match=r"The first 3 trials failed\. The last: .*records"):
        swept(workspace, "model=linear", "data.rows=1,2,3,4", trials=4)


def test_trials_on_other_data_are_not_compared(workspace: Workspace, tmp_path: Path, student: Project) -> None:
    from omloop.loop.project.plan import Plan
    from omloop.loop.records.records import gather

    columns = gather(Plan.of(student, ["data.rows=300"], workspace)).columns
    path = tmp_path / "students.csv"
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    words = ("model=linear", "model.knots=0", "data=file", f"data.path={path}", "model.alpha=log:1,10")
    swept(workspace, *words, trials=1)
    path.write_text("\n".join(lines[:-30]) + "\n")
    with pytest.raises(DataError, match="not what the sweep .* began with"):
        swept(workspace, *words, trials=2)


@pytest.mark.parametrize("options", [{"trials": 0}, {"jobs": 0}, {"method": "bayes"}, {"prune": "hyper"}])
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        SweepOptions(**options)
    assert refused.value.key in options


def test_a_sweep_of_the_project_is_read_and_what_is_given_has_the_last_word(student: Project, tmp_path: Path) -> None:
    project = student_with(
        student, tmp_path, "trials: 9\nmethod: random\nshared: [model=linear]\nvary:\n  seed: [1, 2]\n"
    )
    words, options = with_sweep_file(project, ["sweep=mine", "seed=int:1,9"], {"trials": 3})
    assert words == ("model=linear", "seed=int:1,9")
    assert (options.trials, options.method) == (3, "random")
    with pytest.raises(UnknownNameError, match="Did you mean 'mine'"):
        with_sweep_file(project, ["sweep=mime"], {})


@pytest.mark.parametrize(
    ("text", "line"),
    [("trails: 9\n", 1), ("trials: 2\nmethod: bayes\n", 2), ("vary:\n  - lr\n", 1), ("trials: x\n", 1)],
)
def test_a_fault_in_the_file_has_its_line(student: Project, tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ConfigError, match=f"mine.yaml, line {line}"):
        with_sweep_file(student_with(student, tmp_path, text), ["sweep=mine"], {})


def student_with(student: Project, folder: Path, text: str) -> Project:
    from dataclasses import replace

    path = folder / "conf" / "sweep" / "mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return replace(student, folder=folder)
