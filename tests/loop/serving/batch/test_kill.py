"""Kill -9 in the middle of a batch: the next command goes on, and ends with the same bytes."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle

ROWS = 150_000


def start(workspace: Workspace, path: Path, out: Path) -> subprocess.Popen[str]:
    words = ["predict", "tiny", "--batch", path, "--out", out, "--keep", "hours", "--rows-per-block", 2000, "--json"]
    common = ["--workspace", workspace.root, "--projects", workspace.settings.projects]
    command = [sys.executable, "-m", "omloop", *map(str, [*words, *common])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_at(process: subprocess.Popen[str], folder: Path, parts: int) -> None:
    """Kill the process once so many parts are kept."""
    while len(list(folder.glob("*.json"))) < parts:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_batch_that_is_killed_twice_ends_as_an_undisturbed_one(workspace: Workspace, tmp_path: Path) -> None:
    registry = workspace.registry("tiny")
    registry.promote(registry.add(tiny_bundle(), by="test"), expected=None, by="test", reason="a test")
    path, out, whole = tmp_path / "rows.csv", tmp_path / "answers.parquet", tmp_path / "whole.parquet"
    rows = (f"{row % 26},{14 + row % 11},{'fm'[row % 2]}\n" for row in range(ROWS))
    path.write_text("hours,age,sex\n" + "".join(rows))
    assert start(workspace, path, whole).wait(timeout=120) == 0
    for parts in (10, 40):
        kill_at(start(workspace, path, out), tmp_path / ".answers.parquet.parts", parts)
        assert not out.exists()
    told, errors = start(workspace, path, out).communicate(timeout=120)
    found = json.loads(told)
    assert found["resumed"] >= 35 * 2000 and found["set_aside"] == ROWS // 26, errors
    assert found["answered"] + found["set_aside"] == ROWS
    assert out.read_bytes() == whole.read_bytes()
    assert out.with_suffix(".bad.jsonl").read_bytes() == whole.with_suffix(".bad.jsonl").read_bytes()
