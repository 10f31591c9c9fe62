"""What a user wrote is printed as it stands, by every command, on every terminal."""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.cli import main
from omloop.cli.console import style_line, visible
from omloop.cli.show import progress, show, table
from omloop.core import Settings
from omloop.loop import Workspace

PROJECT = """
from dataclasses import dataclass
from omloop import Classes, Column, Model, Project, Table

COLUMNS = ("temp [degC]", "[link=x]y", "a [/b] :smile:", "$\\\\frac{1}$", "_hidden")

@dataclass
class Lin:
    name: str = "lin"

def fit(job):
    from sklearn.linear_model import LogisticRegression
    from omloop.train import fit_estimator
    return fit_estimator(LogisticRegression(), job)

def fit_base(job):
    from sklearn.dummy import DummyClassifier
    from omloop.train import fit_estimator
    return fit_estimator(DummyClassifier(), job)

def simulate(rows, seed, drift):
    import numpy as np
    chance = np.random.default_rng(seed)
    found = {name: chance.normal(3 * drift, 1, rows) for name in COLUMNS}
    hot = found[COLUMNS[0]] + chance.normal(0, 0.3, rows) > 0
    return {**found, "town": chance.choice(["[red]", "b\\\\[ed"], rows), "y": np.where(hot, "[hot]", "[/cold]")}

TOWN = Column("town", "category", categories=("[red]", "b\\\\[ed"))
inputs = Table((*(Column(name, "number") for name in COLUMNS), TOWN))
project = Project(
    name="steam", summary="[bold]boils[/bold] or [/not]", inputs=inputs, target="y",
    outputs=Classes("y", ("[hot]", "[/cold]")),
    models={"base": Model(Lin, fit_base), "lin": Model(Lin, fit)}, baseline="base", simulate=simulate, slices=("town",),
)
"""
CONFIG = """defaults: [omloop_base, {data: simulated}, {model: lin}, _self_]
seed: 42
data: {rows: 400}
gate: {metric: accuracy}
"""
ODD = st.text(st.characters(codec="utf-8") | st.sampled_from("[]/\\:$\x1b\u202e"), max_size=30)


@given(ODD)
@settings(max_examples=100, deadline=None)
def test_a_text_is_printed_as_it_stands_wherever_it_occurs(text: str) -> None:
    seen = re.sub(r"\s", "", visible(text))
    for line in (
        text,
        style_line((text, "bold")),
        table([text], [["x"]]),
        table(["x"], [[text]]),
        table(["x"], [["y"]], text),
    ):
        printed = said(line)
        assert seen in re.sub(r"\s", "", printed)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", printed)


def said(*lines: Any, width: int = 200) -> str:
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        show(argparse.Namespace(json=False), None, *lines)
    return out.getvalue()


def test_progress_takes_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    progress(argparse.Namespace(json=False), always=True)("train: [/cold] \x1b[2J")
    assert r"train: [/cold] \x1b[2J" in capsys.readouterr().err


def test_a_single_word_is_never_broken_and_nothing_ends_in_blanks() -> None:
    rows = [["4f1c0b9d2e3a", "it was better by far than what was there before, on every slice that was looked at"]]
    for width in (60, 40):
        lines = said(table(["version", "reason"], rows), width=width).splitlines()
        assert any("4f1c0b9d2e3a" in line for line in lines)
        assert all(line == line.rstrip() and len(line) <= width for line in lines)


def test_rows_too_wide_for_the_terminal_are_shown_below_each_other() -> None:
    columns = ["version", "model", "champion after", "accuracy"]
    lines = said(table(columns, [["4f1c0b9d2e3a", "boosting", "1234567890ab", "0.861 [0.840, 0.880]"]]), width=40)
    assert [line.split(maxsplit=1)[0] for line in lines.splitlines() if line] == [
        "version",
        "model",
        "champion",
        "accuracy",
    ]
    assert "0.861 [0.840, 0.880]" in lines


def test_a_long_table_is_plain_lines_of_equal_columns() -> None:
    rows = [["[red]", str(number)] for number in range(1500)]
    head, first, *_, last = said(table(["town", "n"], rows)).splitlines()
    assert (head, first, last) == ("town   n", "[red]  0", "[red]  1499")


@pytest.fixture(scope="module")
def steam(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project whose every name is hostile, after one turn."""
    root = tmp_path_factory.mktemp("hostile")
    folder = root / "projects" / "steam"
    (folder / "conf").mkdir(parents=True)
    (folder / "project.py").write_text(PROJECT)
    (folder / "conf" / "config.yaml").write_text(CONFIG)
    return Workspace(replace(Settings(), workspace=str(root / "ws"), projects=str(root / "projects")))


@pytest.fixture
def steam_says(steam: Workspace, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run one command line over that project, which must succeed; gives what it printed."""
    common = ["--workspace", steam.settings.workspace, "--projects", steam.settings.projects]

    def run(*words: object, code: int = 0) -> str:
        ended = main([*map(str, words), *common])
        out, err = capsys.readouterr()
        assert ended == code, err
        return out

    return run


def test_every_command_prints_hostile_names_as_they_are(
    steam: Workspace, steam_says: Callable[..., str], tmp_path: Path
) -> None:
    assert "[bold]boils[/bold] or [/not]" in steam_says("projects")
    assert "temp [degC]" in steam_says("data", "steam", "--report", tmp_path / "report [b]")
    assert r"\[link=x\]y" in (tmp_path / "report [b]" / "report.md").read_text()
    steam_says("turn", "steam")
    registry = steam.registry("steam")
    version = str(registry.champion())
    assert "[red]" in steam_says("evaluate", "steam", "--version", version)
    reason = "see [/docs] [bold]or[/bold] :bomb: \x1b[31m"
    steam_says("turn", "steam", "seed=7", "data.seed=9", "--tag", "[/x]=[bold]y", "--note", reason)
    old, new = (run["run"] for run in sorted(steam.tracker().list("steam"), key=lambda run: float(run["started"])))
    assert "[/x]=[bold]y" in steam_says("runs", "steam") and "[/x]=[bold]z" in steam_says(
        "tag", "steam", new, "[/x]=[bold]z"
    )
    compared = " ".join(steam_says("compare", "steam", old, new, "--html", tmp_path / "runs [b].html").split())
    assert "[/x]=[bold]z" in compared and "\\x1b[31m" in compared
    other = next(name for name in registry.versions() if name != version)
    steam_says("promote", "steam", other, "--force", "--reason", reason)
    for words in (["history", "steam"], ["versions", "steam", "--history"]):
        printed = " ".join(steam_says(*words).split())
        assert "see [/docs] [bold]or[/bold] :bomb: \\x1b[31m" in printed
    steam_says("trial", "steam", version, "--shadow", "1", "--reason", reason)
    steam_says("trial", "steam")
    steam_says("trial", "steam", "--stop", "--reason", reason)
    steam_says("rollback", "steam")
    rows = tmp_path / "rows.json"
    row = {"temp [degC]": 3, "[link=x]y": 0, "a [/b] :smile:": 0, "$\\frac{1}$": 0, "_hidden": 0, "town": "[red]"}
    rows.write_text(json.dumps({"rows": [row] * 3}))
    assert "[hot]" in steam_says("predict", "steam", "--rows", rows, "--record")
    steam_says("alerts", "steam", "--silence", "1h", "--because", reason)
    assert "see [/docs] [bold]or[/bold] :bomb:" in steam_says("alerts", "steam")
    steam_says("watch", "steam", "--once")
    steam_says("doctor")
    for bad in ("[/x]", "[bold]"):
        assert main(["versions", bad]) == 1


@pytest.mark.parametrize("words", [["versions", "student_performance"], ["promote", "żółć 🔥"], ["doctor", "--json"]])
def test_no_terminal_is_too_plain(words: list[str], turned: Workspace) -> None:
    common = ["--workspace", str(turned.root), "--projects", turned.settings.projects]
    plain = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    whole = [sys.executable, "-m", "omloop", *words, *common]
    done = subprocess.run(whole, capture_output=True, check=False, env=plain, timeout=60)
    told = (done.stdout + done.stderr).decode("ascii")
    assert "Error" not in told and "Traceback" not in told
    assert done.returncode == (2 if words[0] == "promote" else 0)
    assert "--json" not in words or json.loads(told)
