"""A workspace that an earlier omloop wrote: every command that reads one still does.

`former/*.zip` were written by the commit before the source was laid out in floors and rooms: one turn of 400 simulated
rows, 60 predictions and 40 labels, without the run's plots. They are never written again: what one holds is what users
have on their disks.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Bundle, Session
from omloop.loop import Workspace

FORMER = sorted((Path(__file__).parent / "former").glob("*.zip"))
NAME, VERSION, RUN = "student_performance", "86c1c40b470b", "06c8c9"

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture(params=FORMER, ids=lambda path: path.stem)
def former(request: pytest.FixtureRequest, workspace: Workspace) -> Workspace:
    """The workspace of the command line's tests, as an earlier omloop left it."""
    with zipfile.ZipFile(request.param) as packed:
        packed.extractall(workspace.root)
    return workspace


def test_its_version_still_answers_as_it_did(former: Workspace) -> None:
    bundle: Bundle = former.registry(NAME).load(VERSION)
    session = Session.of(bundle)
    session.self_test(bundle)
    assert former.registry(NAME).champion() == VERSION
    assert bundle.reference.columns


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("versions", NAME), VERSION),
        (("history", NAME), "promote"),
        (("runs", NAME), RUN),
        (("evaluate", NAME, "data.rows=400"), "r2"),
        (("watch", NAME, "--once"), "60"),
        (("backtest", NAME), NAME),
        (("alerts", NAME), ""),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_every_command_reads_it(former: Workspace, omloop: Say, words: tuple[str, ...], told: str) -> None:
    code, out, err = omloop(*words)
    assert (code, told in out + err) == (0, True), out + err


def test_its_predictions_are_all_there(former: Workspace) -> None:
    log = former.predictions(NAME)
    window = log.window(newest=1_000)
    log.close()
    assert (len(window.predictions), len(window.labels)) == (60, 40)


def test_it_goes_on(former: Workspace, omloop_json: Callable[..., Any]) -> None:
    """A turn beside the former champion: the gate compares the two."""
    told = omloop_json("turn", NAME, "data.rows=400", "model=linear", "seed=3")
    assert told["verdict"] in {"better", "worse", "not enough evidence"}
    assert VERSION in [version["version"] for version in omloop_json("versions", NAME)]
