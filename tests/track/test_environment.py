import importlib.metadata
import subprocess
from pathlib import Path

import pytest

from omloop.track import environment, git_state


def test_the_environment_names_what_decides_a_result() -> None:
    found = environment(None)
    assert found["packages"]["numpy"] and found["packages"]["pillow"]
    assert found["python"].startswith("3.")


@pytest.mark.parametrize("name", ["transformers", "tokenizers", "onnxscript", "openvino", "lightgbm", "catboost"])
def test_what_trains_and_exports_is_told_with_its_version_where_it_is_installed(name: str) -> None:
    installed = {one.name.lower(): one.version for one in importlib.metadata.distributions()}
    assert environment(None)["packages"].get(name) == installed.get(name)


def test_a_project_in_no_folder_has_not_the_commit_of_the_present_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "somebody else's")
    monkeypatch.chdir(tmp_path)
    assert environment(tmp_path)["git_commit"] and environment(None)["git_commit"] is None


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_a_checkout_gives_its_commit_and_whether_it_was_changed(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-m", "first")
    clean = git_state(tmp_path)
    (tmp_path / "a").write_text("2")
    assert len(clean["git_commit"]) == 40 and clean["git_dirty"] is False
    assert git_state(tmp_path) == {"git_commit": clean["git_commit"], "git_dirty": True}


def test_outside_a_checkout_there_is_no_commit(tmp_path: Path) -> None:
    assert git_state(tmp_path) == {"git_commit": None, "git_dirty": None}
