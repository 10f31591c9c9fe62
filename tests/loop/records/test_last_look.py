"""What a watch told last lies where every server finds it."""

from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import Settings, StoreError
from omloop.loop import Workspace
from omloop.loop.records.last_look import keep_look, newest_look


@pytest.fixture
def scheme() -> str:
    pytest.importorskip("gcsfs")
    return "gs"


def test_the_newest_look_takes_the_place_of_the_one_before(workspace: Workspace) -> None:
    assert newest_look("toy", workspace) is None
    for number in range(2):
        keep_look("toy", workspace, {"rows": number, "live": float("nan")})
    assert newest_look("toy", workspace) == {"rows": 1, "live": None}
    assert newest_look("other", workspace) is None


def test_machines_that_share_a_bucket_tell_the_same(bucket: str, settings: Settings, tmp_path: Path) -> None:
    one, other = (
        Workspace(replace(settings, workspace=str(tmp_path / name), store=f"{bucket}/versions"))
        for name in ("one", "other")
    )
    assert newest_look("toy", other) is None
    for number in range(2):
        keep_look("toy", one, {"rows": number})
    assert newest_look("toy", other) == {"rows": 1}


@pytest.mark.parametrize("content", [b'{"rows": ', b"[1]"])
def test_what_is_damaged_is_told(workspace: Workspace, content: bytes) -> None:
    workspace.beside.replace("toy/drift.json", content)
    with pytest.raises(StoreError, match="The next look of a watch writes it anew"):
        newest_look("toy", workspace)
