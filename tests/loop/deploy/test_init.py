import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from omloop.cli import main

ROWS = "".join(f"{hour % 24},{'rain' if hour % 3 else 'sun'},{10 + hour % 24 / 2 + hour % 7}\n" for hour in range(300))


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Begin a repository in an empty folder, without an index of packages; gives the folder, and what was told."""
    monkeypatch.setattr("omloop.deploy.lock._compiled", lambda *_: "numpy==2.4.0 \\\n    --hash=sha256:00\n")
    monkeypatch.chdir(tmp_path)
    Path("rides.csv").write_text("hour,weather,minutes\n" + ROWS)

    def begin(*words: str) -> tuple[Path, str]:
        assert main(["init", "rides", "--from", "rides.csv", "--target", "minutes", *words]) == 0
        return tmp_path, capsys.readouterr().out

    return begin


def test_a_repository_has_all_that_a_team_needs(begun: Any) -> None:
    root, told = begun()
    assert "see README.md" in told
    for path in (
        *("pyproject.toml", "README.md", "AGENTS.md", ".gitignore", ".pre-commit-config.yaml", "mkdocs.yml"),
        *(".devcontainer/devcontainer.json", "docs/index.md", "reports/README.md", "tests/test_circuit.py"),
        *("projects/rides/project.py", "deploy/rides/serve.Dockerfile", ".github/workflows/rides-tests.yml"),
    ):
        assert (root / path).is_file(), path
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["name"] == "rides"
    assert json.loads((root / ".devcontainer/devcontainer.json").read_text())["image"].endswith("-bookworm")
    assert yaml.safe_load((root / "mkdocs.yml").read_text())["nav"] == ["index.md"]


def test_what_is_there_stays_and_a_second_time_changes_nothing(begun: Any) -> None:
    Path("README.md").write_text("# Ours\n")
    root, told = begun()
    assert "stays: README.md" in told
    assert (root / "README.md").read_text() == "# Ours\n"
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert main(["init", "rides"]) == 0
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_was_begun_passes_its_own_checks(begun: Any) -> None:
    root, _ = begun()
    (root / "omloop.toml").unlink()  # its own, where the tests run in the folder
    for command in (
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["pytest", "-q", "-p", "no:cacheprovider"],
    ):
        done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    done = subprocess.run(["pre-commit", "validate-config"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
