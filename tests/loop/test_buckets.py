"""A workspace whose memories all lie in a bucket: what one machine makes, another one serves and reads."""

from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import Project, SettingError, Settings
from omloop.loop import Workspace
from omloop.loop.doctor import examine
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn
from omloop.monitor import new_id
from omloop.testing.predictions import a_prediction

pytest.importorskip("gcsfs")
pytest.importorskip("s3fs")
pytest.importorskip("moto")


@pytest.fixture(params=["gs", pytest.param("s3", marks=pytest.mark.slow)])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_one_machine_made_another_one_has(
    bucket: str, settings: Settings, student: Project, tmp_path: Path
) -> None:
    where = {name: f"{bucket}/{name}" for name in ("store", "track", "predictions")}
    one, other = (Workspace(replace(settings, workspace=str(tmp_path / name), **where)) for name in ("one", "other"))
    turned = turn(Plan.of(student, ["data.rows=600", "model=linear"], one))
    assert turned.version == other.registry(student.name).champion()
    assert (
        other.registry(student.name).load(turned.version).files == one.registry(student.name).load(turned.version).files
    )
    (run,) = other.tracker().list(student.name)
    assert (run["status"], run["version"]) == ("finished", turned.version)
    (served, read) = (workspace.predictions(student.name) for workspace in (one, other))
    served.record([replace(a_prediction(new_id(), 1.0), version=turned.version)])
    served.close()
    assert read.count() == 1
    read.close()


def test_a_shared_cache_that_is_no_bucket_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingError, match="takes a bucket alone"):
        Workspace(replace(settings, shared_cache="files:/srv/cache")).shared_cache()
    assert Workspace(settings).shared_cache() is None


def test_the_doctor_proves_that_of_two_writers_one_wins(bucket: str, settings: Settings, tmp_path: Path) -> None:
    for address, state in ((f"{bucket}/versions", "ok"), (f"{bucket}-absent/versions", "broken")):
        workspace = Workspace(replace(settings, workspace=str(tmp_path), store=address))
        (store,) = (one for one in examine(workspace) if one.what == "store")
        assert store.state == state
