import json
from pathlib import Path
from typing import Any

import pytest

from omloop.core import OmloopError, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.runs.compare import compare_runs
from omloop.loop.runs.pictures import picture_runs
from omloop.loop.runs.runs import order_runs, runs_of, with_tags
from omloop.track import RunRecord

NAME = "student_performance"


def recorded(workspace: Workspace, config: str = "", files: dict[str, str] | None = None, **summary: Any) -> str:
    """A run with these files, finished; gives its name."""
    run = workspace.tracker().start(NAME, config, {"python": "3.11", "packages": {"numpy": summary.pop("numpy", "2")}})
    for name, content in (files or {}).items():
        run.keep(name, content.encode())
    for step in range(3):
        run.log(step, {"mlp/train_loss": 1 / (step + 1), "mlp/lr": float("nan")})
    run.finish("finished", summary)
    return run.name


def test_only_what_differs_in_the_configuration_and_the_packages_is_shown(workspace: Workspace) -> None:
    one, two = (
        recorded(
            workspace,
            f"seed: {seed}\nmodel: {{name: mlp, hidden: [8, {seed}]}}\noverrides: [seed={seed}]\n",
            {"packages.txt": f"numpy==2.1\nodd==1.{seed}\n" + ("new==3\n" if seed else "")},
        )
        for seed in (0, 1)
    )
    found = compare_runs(NAME, [one, two], workspace)
    assert found.settings == {"model.hidden": ("[8, 0]", "[8, 1]"), "seed": ("0", "1")}
    assert found.packages == {"new": ("", "3"), "odd": ("1.0", "1.1")}


def test_runs_of_an_older_omloop_are_compared_by_what_they_kept(workspace: Workspace) -> None:
    one = recorded(workspace, "seed: 1\n", metrics={"r2": 0.5}, numpy="1.9")
    two = recorded(workspace, "seed: 1\n", {"packages.txt": "numpy==2\nmore==1\n"}, metrics={"r2": 0.75})
    found = compare_runs(NAME, [one, two], workspace)
    assert found.packages == {"numpy": ("1.9", "2")}
    assert found.data["source"] == ("not known", "not known") and found.settings == {}


def test_curves_of_all_runs_lie_over_each_other(workspace: Workspace) -> None:
    lines = "".join(json.dumps({"time": t, "cpu_percent": 50.0 + t}) + "\n" for t in range(2000))
    names = [recorded(workspace, files={"system.jsonl": lines + '{"time": 3'}) for _ in range(2)]
    found = picture_runs(NAME, names, workspace)
    assert [*found.curves] == ["train_loss"]
    assert [place for place, _ in found.curves["train_loss"]] == [0, 1]
    for points in found.machine["cpu_percent"].values():
        assert len(points) <= 500 and points[-1] == (1999.0, 2049.0)


@pytest.mark.parametrize(
    "config",
    ["a: &a [*a]\n", "a: [1\n", "".join(f"k{i}: &k{i} [{f'*k{i - 1}, ' * 9 if i else ''}]\n" for i in range(30))],
)
def test_a_configuration_that_was_tampered_with_ends_no_comparison(workspace: Workspace, config: str) -> None:
    names = [recorded(workspace, config), recorded(workspace, "seed: 2\n")]
    found = compare_runs(NAME, names, workspace)
    assert found.settings["seed"] == ("", "2")


def test_long_settings_that_differ_at_their_end_look_different(workspace: Workspace) -> None:
    names = [recorded(workspace, f"data: {{features: [{', '.join(['column'] * 99)}, c{n}]}}\n") for n in range(2)]
    one, two = compare_runs(NAME, names, workspace).settings["data.features"]
    assert one != two and max(len(one), len(two)) < 260


def test_secrets_of_a_configuration_are_not_shown(workspace: Workspace) -> None:
    names = [recorded(workspace, f"data: {{url: 'https://ada:hunter{n}@host/a?k=hunter'}}\n") for n in range(2)]
    names += [recorded(workspace, "api_key: hunter22\n")]
    assert "hunter" not in str(compare_runs(NAME, names, workspace).settings)


def test_a_run_is_found_by_what_no_other_shares(workspace: Workspace) -> None:
    one, two = recorded(workspace), recorded(workspace)
    found = compare_runs(NAME, [one[-6:], two], workspace)
    assert found.runs == (one, two) and found.labels == (one[-6:], two[-6:])
    with pytest.raises(OmloopError, match="stands for 2 runs"):
        compare_runs(NAME, [one[:8], two], workspace)
    wrong = one[:-1] + ("0" if one[-1] != "0" else "1")
    with pytest.raises(UnknownNameError, match=f"Did you mean '{one}'"):
        compare_runs(NAME, [wrong, two], workspace)
    for given in ([one], [one, one], [one, two] * 9):
        with pytest.raises(OmloopError, match="2 to 12 different runs"):
            compare_runs(NAME, given, workspace)


def test_the_best_run_is_first_whichever_way_a_metric_counts(workspace: Workspace) -> None:
    for value in (2.0, 1.0, 3.0):
        recorded(workspace, metrics={"r2": value, "rmse": value}, lower_is_better=["rmse"])
    recorded(workspace)
    runs = runs_of(NAME, workspace)
    assert [run.metrics["r2"].value for run in order_runs(runs, "r2")[:3]] == [3.0, 2.0, 1.0]
    assert [run.metrics["rmse"].value for run in order_runs(runs, "rmse")[:3]] == [1.0, 2.0, 3.0]
    with pytest.raises(UnknownNameError, match="Did you mean 'rmse'"):
        order_runs(runs, "rmsee")


def test_every_tag_that_is_wanted_must_be_there() -> None:
    runs = [RunRecord("a", "finished", tags={"x": "1", "y": "2"}), RunRecord("b", "finished", tags={"x": "2"})]
    assert [run.name for run in with_tags(runs, {"x": ""})] == ["a", "b"]
    assert [run.name for run in with_tags(runs, {"x": "1", "y": "2"})] == ["a"]
    assert with_tags(runs, {"x": "2", "y": ""}) == []


def test_a_project_that_nobody_knows_is_told(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'student_performance'"):
        runs_of("student_performanc", workspace)
    assert runs_of(NAME, workspace) == []
