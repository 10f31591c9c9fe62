"""Versions of data by DVC, with a folder as the remote."""

import subprocess
from pathlib import Path

import pytest

from omloop.core import SourceError
from omloop.data.dvc import DataRepository


def git(folder: Path, *words: str) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file in a git checkout, kept and pushed as it was at the tag v1."""
    checkout = tmp_path / "checkout"
    (checkout / "data").mkdir(parents=True)
    git(checkout, "init")
    path = checkout / "data" / "rows.csv"
    path.write_text("a\n1\n")
    repository = DataRepository.begun(path)
    repository.set_remote(str(tmp_path / "remote"))
    repository.add(path)
    assert repository.push() == 1
    git(checkout, "add", "-A")
    git(checkout, "commit", "-m", "one")
    git(checkout, "tag", "v1")
    return path


def test_what_was_kept_comes_back_from_the_remote_and_from_an_earlier_revision(data: Path, tmp_path: Path) -> None:
    repository = DataRepository.of(data)
    data.unlink()
    data.write_text("a\n2\n")
    assert repository.changed() == {data: "modified"}
    with pytest.raises(SourceError, match=r"unsaved files.*Add them, or move them away\..*rows\.csv"):
        repository.checkout()
    first, second = repository.pointers()[0], repository.add(data)
    assert first.pointer == second.pointer and first.digest != second.digest
    assert repository.at_revision(data, "v1", tmp_path).read_text() == "a\n1\n"
    git(repository.root, "checkout", "v1", "--", "data/rows.csv.dvc")
    assert repository.checkout([data]) == [data] and data.read_text() == "a\n1\n" and not repository.changed()


def test_another_checkout_pulls_what_this_one_pushed(data: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", str(data.parent.parent), "other")
    other = tmp_path / "other" / "data" / "rows.csv"
    repository = DataRepository.of(other.parent)
    assert repository.pull() == 1 and other.read_text() == "a\n1\n"


def test_a_remote_that_vanished_and_a_revision_that_never_was_are_one_line(data: Path, tmp_path: Path) -> None:
    repository = DataRepository.of(data)
    (tmp_path / "remote").rename(tmp_path / "elsewhere")
    data.unlink()
    (repository.root / ".dvc" / "cache").rename(tmp_path / "cache")
    for told in (repository.pull, lambda: repository.at_revision(data, "v9", tmp_path)):
        with pytest.raises(SourceError, match=r"^DVC cannot (pull|read at v9) ") as refused:
            told()
        assert "\n" not in str(refused.value)


def test_a_folder_without_a_repository_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not inside of a DVC repository"):
        DataRepository.of(tmp_path)
