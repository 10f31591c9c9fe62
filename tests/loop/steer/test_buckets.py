"""The routes over a workspace whose memories lie in a bucket."""

from pathlib import Path

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import logged, with_champion

from omloop.core import Annotation
from omloop.loop import Workspace


@pytest.fixture
def scheme() -> str:
    pytest.importorskip("gcsfs")
    return "gs"


def test_what_one_machine_did_another_shows(bucket: str, tmp_path: Path, client: Client) -> None:
    memories = {name: f"{bucket}/{place}" for name, place in (("track", "runs"), ("store", "versions"))}
    here, there = (
        Workspace.of(workspace=str(tmp_path / name), projects=str(tmp_path / "none"), **memories) for name in "ab"
    )
    run = here.tracker().start("tiny", "seed: 1\n", {})
    run.keep("notes.txt", b"a note")
    run.finish("finished", {"metrics": {"r2": 0.5}})
    here.tracker().annotate("tiny", run.name, Annotation({"for": "paper"}))
    here = with_champion(here)
    logged(here, [here.clock() - 1])
    asked = client(there)
    (row,) = asked.get("/projects").json()["projects"]
    assert row["champion"] == here.registry("tiny").champion() and row["problem"] == ""
    assert asked.get("/projects/tiny/runs?tag=for").json()["runs"][0]["run"] == run.name
    found = asked.get(f"/projects/tiny/runs/{run.name}").json()
    assert {"name": "notes.txt", "bytes": None} in found["files"]
    assert asked.get(f"/projects/tiny/runs/{run.name}/files/notes.txt").text == "a note"
    assert asked.post("/projects/tiny/rollback", json={"reason": "x", "expected": None}).status_code == 409
