"""What the watch keeps of a project's input, as routes tell it; nothing is counted by reading."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loop.steer.conftest import Client

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.watch.policy import TELL
from omloop.loop.watch.watch import watch_once

GoLive = Callable[..., None]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_before_any_look_it_is_said_how_to_look(student: Project, turned: Workspace, client: Client) -> None:
    answer = client(turned).get(f"/projects/{student.name}/drift")
    assert answer.status_code == 404
    assert f"omloop watch {student.name} --once" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["drift", "drift/columns", "live"])
def test_without_a_champion_nothing_is_told(path: str, student: Project, workspace: Workspace, client: Client) -> None:
    answer = client(workspace).get(f"/projects/{student.name}/{path}")
    assert answer.status_code == 404 and "omloop " in answer.json()["error"]["message"]


def test_before_anything_is_logged_the_reference_stands_alone(
    student: Project, turned: Workspace, client: Client
) -> None:
    routes = client(turned)
    found = routes.get(f"/projects/{student.name}/drift/columns").json()
    assert (found["rows"], found["state"], found["since"], found["unusual"]) == (0, "collecting", None, [])
    assert {"prediction", "outcome"} < {column["name"] for column in found["columns"]}
    for column in found["columns"]:
        assert not column["moved"] and column["p_value"] is None
        assert sum(cell["reference"] for cell in column["cells"]) == pytest.approx(1)
        assert sum(cell["live"] for cell in column["cells"]) == 0
    history = routes.get(f"/projects/{student.name}/drift/history").json()
    assert (history["windows"], history["columns"], history["observed"]) == ([], [], 0)


def test_a_drift_is_told_by_column_with_cells_words_and_pairs(
    student: Project, watched: Workspace, client: Client, go_live: GoLive
) -> None:
    go_live(watched, 300, drift=0.0, seed=4)
    go_live(watched, 900, drift=1.0, seed=5)
    seen = watch_once(student.name, watched, TELL).seen
    found = client(watched).get(f"/projects/{student.name}/drift/columns").json()
    moved = {column["name"] for column in found["columns"] if column["moved"]}
    assert moved == {name for name in seen.moved if name in {column["name"] for column in found["columns"]}} != set()
    distances = [column["distance"] for column in found["columns"]]
    assert distances == sorted(distances, reverse=True) and found["rows"] in (500, 750)
    assert sum(column["share"] for column in found["columns"]) == pytest.approx(1)
    first = found["columns"][0]
    assert first["how"] and first["since"] == found["since"] <= found["end"]
    for cell in ("reference", "live"):
        assert sum(each[cell] for each in first["cells"]) == pytest.approx(1)
    assert found["unusual"] and {"distance", "columns", "live", "reference"} < found["unusual"][0].keys()


def test_reading_counts_nothing_and_writes_nothing_of_the_watch(
    student: Project, watched: Workspace, client: Client, go_live: GoLive
) -> None:
    go_live(watched, 600, drift=0.0, seed=4)
    watch_once(student.name, watched, TELL)
    go_live(watched, 600, drift=1.0, seed=5)
    before = contents(watched.watch(student.name))
    routes = client(watched)
    for path in ("drift", "drift/columns", "drift/history"):
        assert routes.get(f"/projects/{student.name}/{path}").status_code == 200
    assert contents(watched.watch(student.name)) == before


def test_what_a_look_counted_since_is_told_by_the_same_application(
    student: Project, watched: Workspace, client: Client, go_live: GoLive
) -> None:
    """Answers are kept in memory for one state of the counts alone."""
    routes = client(watched)
    for rows in (300, 800):
        go_live(watched, rows, drift=0.0, seed=rows)
        watch_once(student.name, watched, TELL)
        found = routes.get(f"/projects/{student.name}/drift/history").json()
        assert len(found["windows"]) == {300: 1, 800: 4}[rows]
    assert routes.get(f"/projects/{student.name}/drift").json()["rows"] == 1000


def test_the_history_has_every_window_of_every_version_and_marks_what_happened(
    student: Project, watched: Workspace, client: Client, go_live: GoLive
) -> None:
    go_live(watched, 600, drift=0.0, seed=4)
    go_live(watched, 600, drift=1.0, seed=5)
    watch_once(student.name, watched, TELL)
    found = client(watched).get(f"/projects/{student.name}/drift/history?columns=3").json()
    assert [window["rows"] for window in found["windows"]] == [250] * 4
    assert len(found["columns"]) == 3 < found["observed"]
    for column in found["columns"]:
        assert len(column["distance"]) == 4 and column["distance"][-1] > 3 * column["ordinary"]
        assert max(column["distance"][:2]) < column["distance"][-1]
    assert [mark["kind"] for mark in found["marks"]] == ["promote", "alarm"]


@pytest.mark.parametrize("query", ["columns=0", "columns=-1", "columns=x", "columns=99999"])
def test_no_number_of_columns_is_refused(query: str, student: Project, turned: Workspace, client: Client) -> None:
    answer = client(turned).get(f"/projects/{student.name}/drift/history?{query}")
    assert answer.status_code == 400 and "columns" in answer.json()["error"]["message"]


def test_damaged_counts_are_as_none(student: Project, turned: Workspace, client: Client) -> None:
    folder = turned.watch(student.name)
    folder.mkdir(parents=True)
    (folder / f"{turned.registry(student.name).champion()}.npz").write_bytes(b"PK nothing")
    (folder / "0123456789ab.npz").write_bytes(b"of a version that is not there")
    routes = client(turned)
    assert routes.get(f"/projects/{student.name}/drift/columns").json()["rows"] == 0
    assert routes.get(f"/projects/{student.name}/drift/history").json()["windows"] == []
