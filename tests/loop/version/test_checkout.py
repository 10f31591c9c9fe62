"""The code of an earlier run in a folder of its own."""

import subprocess
from pathlib import Path

import pytest

from omloop.core import SourceError
from omloop.loop.version.checkout import checkout_of, code_of
from omloop.loop.version.locked_packages import differing_packages
from omloop.track import all_packages, uncommitted_changes


def git(folder: Path, *words: str) -> str:
    named = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    done = subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one commit and a change that is not committed."""
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init")
    (root / "code.py").write_text("a = 1\nb = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-m", "one")
    (root / "code.py").write_text("a = 2\nb = 1\n")
    return root


def test_a_worktree_has_the_commit_and_what_was_changed_and_then_goes(checkout: Path, tmp_path: Path) -> None:
    patch, commit = uncommitted_changes(checkout) or b"", git(checkout, "rev-parse", "HEAD")
    (checkout / "code.py").write_text("a = 3\n")
    with code_of(checkout, commit, patch, tmp_path / "again") as folder:
        assert (folder / "code.py").read_text() == "a = 2\nb = 1\n" and checkout_of(folder) == folder
    assert not (tmp_path / "again").exists() and len(git(checkout, "worktree", "list").splitlines()) == 1
    assert (checkout / "code.py").read_text() == "a = 3\n"


def test_a_commit_that_is_gone_and_a_patch_that_does_not_fit_are_one_line(checkout: Path, tmp_path: Path) -> None:
    patch = (uncommitted_changes(checkout) or b"").replace(b"-a = 1", b"-a = ***")
    for commit, given in (("0" * 40, b""), (git(checkout, "rev-parse", "HEAD"), patch)):
        again = code_of(checkout, commit, given, tmp_path / "again")
        with pytest.raises(SourceError, match="^git (worktree|apply) failed") as refused, again:
            pass
        assert "\n" not in str(refused.value)
    assert len(git(checkout, "worktree", "list").splitlines()) == 1


def test_packages_differ_where_another_version_is_installed() -> None:
    here = all_packages()
    assert differing_packages(here) == []
    other = here.replace("numpy==", "numpy==0.") + "nowhere==1.0\nomloop==9.9\n"
    assert [line.partition("==")[0] for line in differing_packages(other)] == ["numpy", "nowhere"]
