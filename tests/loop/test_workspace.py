"""Where a workspace keeps what it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import Project, SettingError
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn
from omloop.testing.predictions import a_prediction


def test_memories_lie_where_their_addresses_lead(student: Project, workspace: Workspace, tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("track", "store", "predictions")}
    there = Workspace(replace(workspace.settings, **{name: f"files:{path}" for name, path in places.items()}))
    done = turn(Plan.of(student, ["data.rows=300", "model=linear"], there))
    log = there.predictions(student.name)
    log.record([a_prediction("1", 1.0)])
    log.close()
    assert (places["track"] / student.name / done.run).is_dir()
    assert list((places["predictions"] / student.name / "segments").iterdir())
    assert there.registry(student.name).champion() == done.version
    with there.apart("test") as apart:
        assert apart.registry(student.name).champion() is None
    assert not {"runs", "versions", "predictions"} & {path.name for path in there.root.iterdir()}


def test_a_password_in_a_setting_is_refused_and_not_told(workspace: Workspace) -> None:
    pytest.importorskip("psycopg")
    for address in ("postgres://ada:hunter22@db.example/x", "postgresql://db.example/x?password=hunter22"):
        with pytest.raises(SettingError, match="PGPASSWORD") as refused:
            Workspace(replace(workspace.settings, predictions=address)).predictions("p")
        assert "hunter22" not in str(refused.value)
