"""`omloop profile`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle

pytest.importorskip("pyinstrument")


def omloop(*words: str, workspace: Workspace) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "omloop", *words, "--workspace", str(workspace.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})


@pytest.fixture
def tiny(workspace: Workspace) -> Workspace:
    registry = workspace.registry("tiny")
    registry.promote(registry.add(tiny_bundle(), by="test"), expected=None, by="test", reason="a test")
    return workspace


def test_a_server_is_looked_at_while_it_is_asked(tiny: Workspace, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = omloop(
        "profile", "tiny", "serve", "--for", "1s", "--rate", "20", "--out", str(page), "--json", workspace=tiny
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["facts"]["Answered"] == "20"
    assert told["operators"] and "serve_project" in told["tree"]
    assert "The costliest operators" in page.read_text()


def test_a_configuration_is_of_a_training_alone(tiny: Workspace) -> None:
    done = omloop("profile", "tiny", "predict", "model=mlp", workspace=tiny)
    assert done.returncode == 1
    assert "'model=mlp' configures a training" in done.stderr
