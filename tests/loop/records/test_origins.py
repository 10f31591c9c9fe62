"""Versions know their source: of different ones none is better than another."""

import csv
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Bundle
from omloop.core import ConfigError, Origin, Project, PromotionError, Settings
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.records.origins import source_words
from omloop.loop.turn.turn import TurnResult, turn
from omloop.loop.version.rescore import judge_version

Say = Callable[..., tuple[int, str, str]]


def a_file(student: Project, path: Path, rows: range, seed: int) -> Path:
    """Records that somebody exported."""
    found = student.simulate(1000, seed, 0.0)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(found)
        table.writerows([[values[row] for values in found.values()] for row in rows])
    return path


def turned_on(student: Project, workspace: Workspace, path: Path | None, *words: str) -> TurnResult:
    source = ["data=file", f"data.path={path}"] if path else ["data.rows=600"]
    return turn(Plan.of(student, [*source, "model=linear", *words], workspace))


@pytest.fixture(scope="module")
def _learned(student: Project, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learned")
    path = a_file(student, folder / "2025.csv", range(600), 5)
    turned_on(student, Workspace(replace(settings, workspace=str(folder / "ws"))), path)
    return folder / "ws"


@pytest.fixture
def learned(_learned: Path, workspace: Workspace) -> Workspace:
    """A workspace whose champion learned from 600 real records; each test has a copy of its own."""
    shutil.copytree(_learned, workspace.root)
    return workspace


def test_simulated_and_real_records_are_never_compared(student: Project, workspace: Workspace, tmp_path: Path) -> None:
    path, few = a_file(student, tmp_path / "a.csv", range(600), 5), "data.features=[last_exam_score]"
    real = turned_on(student, workspace, path, few)
    assert real.promoted
    simulated = turned_on(student, workspace, None)
    assert simulated.opponent is None and simulated.champion == real.version
    assert simulated.decision.verdict == "not enough evidence"
    reason = simulated.decision.reason
    assert f"(file {path})" in reason and "(simulated 600 rows): not comparable" in reason
    assert f"omloop turn student_performance data=file data.path={path})" in reason.replace("'", "")


def test_real_records_never_replace_simulated_ones_by_themselves(
    student: Project, turned: Workspace, tmp_path: Path
) -> None:
    real = turned_on(student, turned, a_file(student, tmp_path / "a.csv", range(600), 5))
    assert real.decision.verdict == "not enough evidence" and not real.promoted
    assert "replace it by hand" in real.decision.reason and "Turn again" not in real.decision.reason


@pytest.mark.parametrize(
    ("rows", "seed", "alike"),
    [(range(600), 5, True), (range(900), 5, True), (range(200, 900), 5, True), (range(600), 6, False)],
    ids=["a copy", "a longer export", "a window that moved on", "other students"],
)
def test_another_file_is_the_same_source_where_it_holds_most_of_what_was_learned(
    student: Project, learned: Workspace, tmp_path: Path, rows: range, seed: int, alike: bool
) -> None:
    other = turned_on(student, learned, a_file(student, tmp_path / "2026.csv", rows, seed))
    assert (other.opponent is not None) == alike
    assert ("not comparable" in other.decision.reason) == (not alike)


def test_a_file_that_others_were_added_to_stays_the_same_source(
    student: Project, workspace: Workspace, tmp_path: Path
) -> None:
    turned_on(student, workspace, a_file(student, tmp_path / "a.csv", range(600), 5))
    other = turned_on(student, workspace, a_file(student, tmp_path / "a.csv", range(600), 6))
    assert other.opponent is not None


@pytest.mark.parametrize("command", ["turn", "train"])
def test_a_turn_warns_that_it_would_leave_the_real_source(
    student: Project, workspace: Workspace, tmp_path: Path, omloop: Say, command: str
) -> None:
    path = a_file(student, tmp_path / "a.csv", range(600), 5)
    code, _, first = omloop("turn", student.name, "data=file", f"data.path={path}", "model=linear")
    assert code == 0 and "WARNING" not in first
    _, _, told = omloop(command, student.name, "data.rows=600", "model=linear")
    assert "WARNING" in told and "this turn takes simulated records" in told
    assert f"omloop turn student_performance data=file data.path={path}" in told.replace("'", "")


def test_a_simulated_version_takes_the_place_of_a_real_one_by_force_alone(
    student: Project, learned: Workspace, omloop: Say
) -> None:
    version = turned_on(student, learned, None).version
    registry = learned.registry(student.name)
    with pytest.raises(PromotionError, match="learned from simulated 600 rows, the champion from real records"):
        registry.promote(version, expected=registry.champion(), by="anybody", reason="any")
    assert "The gate said not enough evidence" in omloop("promote", student.name, version)[2]
    assert omloop("promote", student.name, version, "--force")[0] == 1
    assert registry.champion() != version
    assert omloop("promote", student.name, version, "--force", "--reason", "a rehearsal")[0] == 0
    assert registry.champion() == version


def test_versions_of_an_older_omloop_tell_their_source_by_its_name(
    student: Project, workspace: Workspace, tmp_path: Path
) -> None:
    """Their lineage held the words alone, and of a file its name alone."""
    path = a_file(student, tmp_path / "a.csv", range(600), 5)
    new = workspace.registry(student.name).load(turned_on(student, workspace, path).version)
    old = older(new, new.manifest.lineage.data_source)
    assert old.manifest.lineage.origin == Origin("file", "a.csv")
    registry = workspace.registry(student.name)
    registry.promote(registry.add(old, by="test"), expected=new.version, by="test", reason="a test")
    assert turned_on(student, workspace, path).opponent is not None
    assert turned_on(student, workspace, None).opponent is None


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        (
            "simulated (600 rows, seed 1, drift 0) and 12 labelled live rows",
            Origin("simulated", "(600 rows, seed 1, drift 0)", real=False),
        ),
        ("file salt and pepper.csv and 3 labelled live rows", Origin("file", "salt and pepper.csv")),
        ("a colleague's disk", None),
    ],
)
def test_what_an_older_omloop_wrote_of_a_source_is_understood(
    student: Project, turned: Workspace, told: str, origin: Origin | None
) -> None:
    registry = turned.registry(student.name)
    assert older(registry.load(registry.champion() or ""), told).manifest.lineage.origin == origin


def older(bundle: Bundle, data_source: str) -> Any:
    lineage = replace(bundle.manifest.lineage, source=None, data_source=data_source)
    return Bundle.seal(replace(bundle.manifest, lineage=lineage), bundle.files)


def test_the_words_for_a_source_hold_no_query_of_its_address(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    bundle = registry.load(registry.champion() or "")
    config = b"seed: 1\noverrides: [data=url, 'data.url=https://store.example/a.csv?X-Goog-Signature=hunter22']\n"
    signed = Bundle.seal(bundle.manifest, {**bundle.files, "config.yaml": config})
    assert source_words(signed) == "data=url 'data.url=https://store.example/a.csv?***'"


def test_nothing_keeps_the_query_of_an_address_and_a_version_is_made_again_from_what_was_fetched(
    student: Project, workspace: Workspace, tmp_path: Path
) -> None:
    path, signature = a_file(student, tmp_path / "a.csv", range(600), 5), secrets.token_hex(8)
    served = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), served) as site:
        threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{site.server_port}/{path.name}"
        words = ["data=url", f"data.url='{address}?sv=2022&sig={signature}'", "model=linear"]
        made = turn(Plan.of(student, words, workspace))
        site.shutdown()
    kept = [file for file in workspace.root.rglob("*") if file.is_file()]
    assert not [file for file in kept if signature.encode() in file.read_bytes()]
    files = workspace.registry(student.name).load(made.version).files
    assert f"url: {address}?***\n" in files["config.yaml"].decode()
    assert judge_version(student, (), workspace, version=made.version).report == made.report


def test_a_hidden_value_that_is_no_address_has_to_be_given_again(student: Project, workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"model.token=\*\*\* stands for a secret.*Give it again as model.token="):
        Plan.of(student, ["model.token=***"], workspace)
