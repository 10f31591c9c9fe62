"""Files that are broken, large, foreign or locked, folders that are none, and what git says of them."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.audit.conftest import Look, evidence, write

from omloop.audit import audit, read_repository
from omloop.core import MissingExtraError, OmloopError


def test_broken_files_are_named_with_their_reason_and_the_others_are_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "broken.py": "def (:\n",
        "latin.py": "name = 'caf\xe9'\n".encode("latin-1"),
        "declared.py": "# coding: latin-1\nname = 'caf\xe9'\n".encode("latin-1"),
        "broken.yaml": "a: [1, 2\n",
        "latin.yaml": "name: caf\xe9\n".encode("latin-1"),
        "pyproject.toml": "[project\n",
        "binary.py": b"\0\1\2",
        "notebook.ipynb": "{",
        "large.py": "# " + "x" * 1_100_000,
        "deep.py": "(" * 5000 + ")" * 5000,
        "good.py": "import torch\n",
    }
    repository = read_repository(write(tmp_path, files))
    reasons = dict(repository.unread)
    assert set(files) - set(reasons) == {"declared.py", "good.py"}
    assert "line 1" in reasons["broken.py"] and "larger" in reasons["large.py"] and reasons["binary.py"] == "no text"
    assert reasons["latin.yaml"] == "no UTF-8 text" and "no TOML" in reasons["pyproject.toml"]


def test_aliases_that_unfold_without_bound_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    write(tmp_path, {"laughs.yaml": "\n".join(lines), "circle.yaml": "a: &a [*a]\n", "merge.yaml": "a: &a {<<: *a}\n"})
    assert {path for path, _ in read_repository(tmp_path).unread} == {"laughs.yaml", "circle.yaml", "merge.yaml"}


def test_links_are_not_followed_and_those_that_go_round_end(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.py": "import torch\n"})
    inside = write(tmp_path / "inside", {"a/b.py": "import numpy\n"})
    (inside / "a" / "round").symlink_to(inside, target_is_directory=True)
    (inside / "there").symlink_to(outside, target_is_directory=True)
    (inside / "file.py").symlink_to(outside / "secret.py")
    (inside / "itself").symlink_to(inside / "itself")
    assert read_repository(inside).paths == ("a/b.py",)


def test_what_tools_make_is_not_read(tmp_path: Path) -> None:
    names = [".venv/lib/a.py", "node_modules/a.py", "__pycache__/a.py", "my-env/pyvenv.cfg", "my-env/a.py", "src/a.py"]
    assert read_repository(write(tmp_path, dict.fromkeys(names, ""))).paths == ("src/a.py",)


@pytest.mark.parametrize("git", [True, False], ids=["a checkout", "a download"])
def test_what_git_ignores_does_not_count(tmp_path: Path, git: bool) -> None:
    files = {".gitignore": "data/\n*.log\n!keep.log\n", "data/a.py": "", "b.log": "", "keep.log": "", "c.py": ""}
    repository = read_repository(write(tmp_path, files, git=git))
    assert repository.paths == (".gitignore", "c.py", "keep.log")
    assert repository.checkout.ignored(["data/x", "c.py", "x.log"]) == {"data/x", "x.log"}


def test_without_git_files_are_listed_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "", "node_modules/b.py": ""})
    monkeypatch.setenv("PATH", "")
    repository = read_repository(tmp_path)
    assert repository.paths == ("a.py",) and not repository.checkout.usable
    assert evidence(audit(tmp_path), "git repository").state == "weak"


def test_only_tracked_files_count_in_a_checkout(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""}, git=True)
    write(tmp_path, {"b.py": ""})
    assert read_repository(tmp_path).paths == ("a.py",)


def test_a_folder_in_a_checkout_that_git_ignores_is_read_whole(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "made/\n", "made/a.py": "", "b.py": ""}, git=True)
    repository = read_repository(tmp_path / "made")
    assert repository.paths == ("a.py",)
    assert evidence(audit(tmp_path / "made"), "git repository").state == "weak"


def test_nothing_that_a_repository_configures_is_run(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "open('ran', 'w')\n", "setup.py": "open('ran', 'w')\n"}, git=True)
    ran = tmp_path / "ran"
    for key in ("core.fsmonitor", "core.sshCommand", "filter.x.smudge", "diff.external"):
        subprocess.run(["git", "config", key, f"touch {ran}"], cwd=tmp_path, check=True)
    audit(tmp_path)
    assert not ran.exists()


def test_variables_of_a_git_hook_do_not_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write(tmp_path / "other", {"other.py": ""}, git=True)
    own = write(tmp_path / "own", {"own.py": ""}, git=True)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert read_repository(own).paths == ("own.py",)


@pytest.mark.parametrize("name", ["file.py", "nowhere"])
def test_what_is_no_folder_is_refused_with_what_to_give(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"file.py": ""})
    with pytest.raises(OmloopError, match="Give the folder"):
        audit(tmp_path / name)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights bind neither root nor Windows")
def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "locked", {"a.py": ""})
    folder.chmod(0)
    try:
        with pytest.raises(OmloopError, match="cannot be read"):
            audit(folder)
    finally:
        folder.chmod(0o700)


def test_a_refused_folder_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(OmloopError, match="Permission denied. Check its rights"):
        audit(tmp_path)


def test_without_yaml_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(MissingExtraError, match="watch"):
        audit(tmp_path)


def test_cells_of_a_notebook_are_code(tmp_path: Path) -> None:
    cell = '{"cells": [{"cell_type": "code", "source": ["%pip install x\\n", "import torch\\n", "torch.compile(1)"]}]}'
    found = evidence(audit(write(tmp_path, {"a.ipynb": cell})), "quantised, pruned or compiled")
    assert found.state == "found" and str(found.spots[0]) == "a.ipynb cell 1:3"


def test_what_is_on_a_remote_is_told_by_its_branches(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""}, git=True)

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    git("commit", "-qm", "one")
    git("remote", "add", "origin", "https://name:secret@github.com/team/faces.git")
    ahead = evidence(audit(tmp_path), "code on GitHub")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    pushed = evidence(audit(tmp_path), "code on GitHub")
    assert (ahead.state, pushed.state) == ("weak", "found")
    assert pushed.why == "what is checked out is on github.com" and "secret" not in str((ahead, pushed))


def test_names_that_are_no_text_and_what_is_no_file_are_borne(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")).write_text("x = 1\n")
    (tmp_path / "two\nlines.py").write_text("def (")
    os.mkfifo(tmp_path / "pipe.py")
    repository = read_repository(tmp_path)
    assert [len(repository.python), len(repository.unread)] == [1, 1]


@pytest.mark.parametrize("name", ["README.rst", "readme.txt", "README", ".github/README.md", "docs/readme.rst"])
def test_a_readme_may_be_no_markdown_and_lie_where_github_looks(tmp_path: Path, name: str) -> None:
    title = "# Rides\n" if name.endswith(".md") else "=====\nRides\n=====\n"
    found = evidence(audit(write(tmp_path, {name: f"{title}\n{'words of prose ' * 40}\n"})), "project description")
    assert found.state == "found" and found.why.startswith("120 words about “Rides”")


def test_a_picture_in_restructured_text_is_shown(tmp_path: Path) -> None:
    page = "Rides\n-----\n\n.. figure:: figures/architecture.svg\n   :alt: the parts\n"
    found = evidence(
        audit(write(tmp_path, {"README.rst": page, "figures/architecture.svg": "<svg/>"})), "architecture diagram"
    )
    assert found.state == "found" and str(found.spots[0]) == "README.rst:4"


COMMAND = "\n@app.command()\ndef {}(): ...\n"
CHECKER = "import typer\nimport markdown\n\napp = typer.Typer()\n" + COMMAND.format("html") + COMMAND.format("check")


@pytest.mark.parametrize(
    ("code", "page", "state"),
    [
        (CHECKER, "## Question 1\n", "missing"),
        (CHECKER, "# Ours\n", "found"),
        (CHECKER + COMMAND.format("go"), "## Question 1\n", "found"),
    ],
    ids=["the template's", "no questions", "a command of their own"],
)
def test_the_script_that_checks_a_report_is_nobody_s_work(look: Look, code: str, page: str, state: str) -> None:
    files = {"reports/report.py": code, "reports/README.md": page, "requirements.txt": "torch\n"}
    assert look("command lines and tasks", files).state == state
    assert look("dependencies declared", files).state == ("found" if state == "missing" else "weak")
