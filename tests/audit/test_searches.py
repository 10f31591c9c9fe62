"""Searches of hyperparameters: what describes one, and records of runs that do not."""

from pathlib import Path

import pytest
from tests.audit.conftest import Look, write

from omloop.audit import read_repository

ITEM = "hyperparameter sweep"
SWEEP = "program: {}\nmethod: random\nparameters: {{rate: {{values: [1, 2]}}}}\n"


@pytest.mark.parametrize(
    ("params", "state"), [("null", "missing"), ("{}", "missing"), ("''", "missing"), ("{rate: '1,2'}", "found")]
)
def test_a_sweeper_of_hydra_s_searches_if_it_has_parameters(look: Look, params: str, state: str) -> None:
    assert look(ITEM, {"conf/search.yaml": f"hydra:\n  sweeper:\n    params: {params}\n"}).state == state


@pytest.mark.parametrize(
    ("program", "command", "state"),
    [
        ("rides.fit", "command: [python3, -m, '${program}']\n", "found"),
        ("rides.gone", "command: [python3, -m, '${program}']\n", "weak"),
        ("rides/fit.py", "", "found"),
        ("rides.fit", "", "weak"),
    ],
)
def test_the_program_of_a_sweep_may_be_a_module(look: Look, program: str, command: str, state: str) -> None:
    assert look(ITEM, {"rides/fit.py": "", "search.yaml": SWEEP.format(program) + command}).state == state


def test_records_of_runs_are_not_read(tmp_path: Path) -> None:
    made = (
        "a/.hydra/config.yaml",
        "multirun/2026-02-03/10-11-12/multirun.yaml",
        "x/outputs/2026-02-03/1/.hydra/a.yaml",
    )
    own = ("outputs/show.py", "outputs/table.yaml")
    assert read_repository(write(tmp_path, dict.fromkeys((*made, *own), "a: 1\n"))).paths == own
