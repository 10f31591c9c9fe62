"""The wheel by itself, installed where nothing of the checkout can be seen: what most people have."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(REPO), cwd=folder)
    return next(folder.glob("omloop-*.whl"))


@pytest.mark.parametrize("limits", [["-c", str(REPO / "constraints.txt")], []], ids=["constrained", "newest"])
def test_the_circuit_turns_in_an_empty_folder(wheel: Path, tmp_path: Path, limits: list[str]) -> None:
    empty, python = tmp_path / "empty", tmp_path / "venv" / "bin" / "python"
    empty.mkdir()
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"), cwd=empty)
    _run(str(python), "-m", "pip", "install", "-q", f"{wheel}[train]", *limits, cwd=empty)
    names = {one["name"] for one in json.loads(_run(str(python), "-m", "omloop", "examples", "--json", cwd=empty))}
    assert {"student_performance", "emotion", "imdb", "faces", "skin_lesion"} == names
    shown = json.loads(_run(str(python), "-m", "omloop", "demo", "--json", cwd=empty))
    assert shown["failed"] == 0 and shown["second"] != shown["first"]
    _run(str(python), "-m", "omloop", "new", "grades", "--like", "student_performance", cwd=empty)
    turned = json.loads(_run(str(python), "-m", "omloop", "turn", "grades", "model=linear", "--json", cwd=empty))
    assert turned["promoted"]


def test_no_test_and_no_cache_travels_along(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "omloop/examples/emotion/conf/config.yaml" in names
    tests = [name for name in names if Path(name).name.startswith("test_") and name.endswith(".py")]
    assert tests == [] and not [name for name in names if name.endswith(".pyc")]


def _run(*words: str, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OMLOOP_", "PYTHON"))}
    done = subprocess.run(words, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
