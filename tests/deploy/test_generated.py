import os
from pathlib import Path

import pytest

from omloop.core import OmloopError
from omloop.deploy import compare_files, write_files


def _states(done) -> dict[str, str]:
    return {one.path: one.state for one in done}


def test_files_are_written_once_and_brought_up_to_date(tmp_path: Path) -> None:
    assert _states(write_files("docker", {"a/b.txt": "one\n"}, tmp_path)) == {"a/b.txt": "new"}
    assert _states(write_files("docker", {"a/b.txt": "one\n"}, tmp_path)) == {"a/b.txt": "same"}
    assert _states(write_files("docker", {"a/b.txt": "two\n"}, tmp_path)) == {"a/b.txt": "updated"}
    assert (tmp_path / "a/b.txt").read_text() == "two\n"


def test_what_a_person_changed_stays_however_often_it_is_generated(tmp_path: Path) -> None:
    write_files("docker", {"b.txt": "one\n"}, tmp_path)
    (tmp_path / "b.txt").write_text("mine\n")
    for text in ("two\n", "three\n"):
        assert _states(write_files("docker", {"b.txt": text}, tmp_path)) == {"b.txt": "changed by hand"}
    assert (tmp_path / "b.txt").read_text() == "mine\n"
    assert _states(write_files("docker", {"b.txt": "three\n"}, tmp_path, force=True)) == {"b.txt": "updated"}


@pytest.mark.skipif(os.name == "nt", reason="there a file's name says what can be run")
def test_a_script_can_be_run_as_it_is(tmp_path: Path) -> None:
    write_files("vm", {"a.sh": "#!/bin/sh\n", "b.txt": "#"}, tmp_path)
    assert [os.access(tmp_path / name, os.X_OK) for name in ("a.sh", "b.txt")] == [True, False]


def test_a_file_that_was_there_before_is_a_persons(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("mine\n")
    assert _states(write_files("docker", {"b.txt": "ours\n"}, tmp_path)) == {"b.txt": "changed by hand"}


def test_what_is_no_longer_made_goes_unless_it_was_changed(tmp_path: Path) -> None:
    write_files("docker", {"a.txt": "a", "b.txt": "b", "c.txt": "c"}, tmp_path)
    (tmp_path / "b.txt").write_text("mine")
    assert _states(compare_files("docker", {"c.txt": "c"}, tmp_path)) == {"a.txt": "removed", "c.txt": "same"}
    write_files("docker", {"c.txt": "c"}, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == ["b.txt", "c.txt"]


def test_two_targets_know_their_own_files_alone(tmp_path: Path) -> None:
    write_files("docker", {"a.txt": "a"}, tmp_path)
    write_files("github", {"b.txt": "b"}, tmp_path)
    assert _states(write_files("github", {}, tmp_path)) == {"b.txt": "removed"}
    assert (tmp_path / "a.txt").exists()


def test_comparing_writes_nothing(tmp_path: Path) -> None:
    assert _states(compare_files("docker", {"a.txt": "a"}, tmp_path)) == {"a.txt": "new"}
    assert not list(tmp_path.iterdir())


def test_a_checkout_with_other_ends_of_lines_is_no_change(tmp_path: Path) -> None:
    write_files("docker", {"a.txt": "one\ntwo\n"}, tmp_path)
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\r\n")
    assert _states(compare_files("docker", {"a.txt": "one\ntwo\n"}, tmp_path)) == {"a.txt": "same"}


def test_a_record_that_is_none_is_told(tmp_path: Path) -> None:
    write_files("docker", {"a.txt": "a"}, tmp_path)
    (tmp_path / "deploy/.omloop.json").write_text("[1]")
    with pytest.raises(OmloopError, match="Remove it"):
        write_files("docker", {"a.txt": "b"}, tmp_path)
