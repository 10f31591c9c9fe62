"""A server tidies up behind writers that were killed."""

import os
import time
from pathlib import Path

import pytest

from omloop.core import StoreError
from omloop.loop.serving import tidying
from omloop.loop.serving.tidying import kept_tidy, old_leftovers, remove_leftovers
from omloop.testing.memories import MemoryPredictions


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "FIRST_S", 0.0)


def leave(root: Path) -> tuple[Path, Path, Path]:
    """An old temporary file, a new one, and an old file that is none."""
    folder = root / "versions" / "project"
    folder.mkdir(parents=True)
    old, new, other = (folder / name for name in (".a.1.00.tmp", ".a.2.00.tmp", "kept.tmp"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (1e9, 1e9))
    return old, new, other


def test_only_old_temporary_files_are_removed(tmp_path: Path) -> None:
    old, new, other = leave(tmp_path)
    assert old_leftovers(tmp_path, now=time.time()) == [old]
    remove_leftovers(tmp_path, now=time.time())
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


def test_an_empty_workspace_has_none(tmp_path: Path) -> None:
    assert old_leftovers(tmp_path / "none", now=time.time()) == []


def test_it_goes_on_when_it_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next time may work; a server is not ended by it."""

    class Failing(MemoryPredictions):
        times = 0

        def tidy(self) -> None:
            self.times += 1
            if self.times == 1:
                raise StoreError("Cannot compress.")

    predictions = Failing()
    with kept_tidy(predictions, tmp_path, every_s=0.01):
        deadline = time.monotonic() + 10
        while predictions.times < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert predictions.times >= 3
    assert caplog.text.count("could not tidy up") == 1
