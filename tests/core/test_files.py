"""A write is seen whole or not at all: after an error, beside other writers, and after a kill."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from tests.descriptors import all_descriptors_taken

from omloop.core import ConflictError, StoreError, as_store_error, write_new, write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="asks for the ways of a POSIX system")
WRITERS: list[Callable[[Path, bytes], None]] = [write_whole, write_new]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("write", WRITERS)
def test_the_content_is_written_and_nothing_else_is_left(write: Callable[[Path, bytes], None], tmp_path: Path) -> None:
    write(tmp_path / "a", b"one")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("write", WRITERS)
def test_folders_on_the_way_are_made(write: Callable[[Path, bytes], None], tmp_path: Path) -> None:
    write(tmp_path / "deep" / "er" / "a", b"")
    assert (tmp_path / "deep" / "er" / "a").read_bytes() == b""


def test_write_whole_replaces_what_stood_there(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"old and longer")
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_write_new_refuses_a_path_that_exists_and_leaves_it_alone(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"first")
    with pytest.raises(ConflictError, match="a was written by somebody else"):
        write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == ["a"]


CLAIM_ALL = """
    import sys
    from pathlib import Path
    from omloop.core import ConflictError, write_new

    sys.stdin.readline()
    for number in range(50):
        try:
            write_new(Path(sys.argv[1], str(number)), sys.argv[2].encode())
            print(number)
        except ConflictError:
            pass
"""


def test_of_many_processes_exactly_one_writes_each_new_file(tmp_path: Path) -> None:
    writers = [python(CLAIM_ALL, tmp_path, name) for name in "abcd"]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    won = {name: writer.communicate()[0].split() for name, writer in zip("abcd", writers, strict=True)}
    assert sorted(chain.from_iterable(won.values())) == sorted(map(str, range(50))) == names(tmp_path)
    assert all((tmp_path / number).read_text() == name for name in won for number in won[name])


@pytest.mark.parametrize("write", WRITERS)
def test_a_parent_that_is_a_file_is_a_store_error(write: Callable[[Path, bytes], None], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(StoreError, match=r"Cannot write .*file"):
        write(tmp_path / "file" / "a", b"")
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_path_that_is_a_folder_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="Is a directory"):
        write_whole(tmp_path / "folder", b"")
    assert names(tmp_path) == ["folder"]


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that this process may not write; rights do not stop root, so root becomes somebody else."""
    folder = tmp_path / "read_only"
    folder.mkdir()
    (folder / "a").write_bytes(b"old")
    folder.chmod(0o555)
    for parent in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and parent.stat().st_uid == 0 and "pytest" in str(parent):
            parent.chmod(parent.stat().st_mode | 0o011)
    before = os.geteuid()
    os.seteuid(65_534 if before == 0 else before)
    yield folder
    os.seteuid(before)
    folder.chmod(0o755)


@posix
def test_a_read_only_folder_is_one_line_that_says_where_and_what_next(read_only: Path) -> None:
    with pytest.raises(StoreError, match=r"Cannot write .*/a: Permission denied\. Free some space or check") as caught:
        write_whole(read_only / "a", b"new")
    assert "\n" not in str(caught.value)
    assert (read_only / "a").read_bytes() == b"old"


@posix
def test_a_new_file_in_a_read_only_folder_is_a_store_error(read_only: Path) -> None:
    with pytest.raises(StoreError, match="Permission denied") as caught:
        write_new(read_only / "b", b"new")
    assert not isinstance(caught.value, ConflictError)


@posix
def test_a_file_that_may_not_grow_leaves_the_old_content(tmp_path: Path) -> None:
    """A limit on the size of files fails as a full disk does: in the middle of the write."""
    write_whole(tmp_path / "a", b"old")
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
    try:
        with pytest.raises(StoreError, match="File too large"):
            write_whole(tmp_path / "a", b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where this process may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a small disk here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_leaves_everything_as_it_was(write: Callable[[Path, bytes], None], small_disk: Path) -> None:
    write_whole(small_disk / "a", b"old")
    with pytest.raises(StoreError, match=r"No space left on device\. Free some space"):
        write(small_disk / "b", b"x" * 100_000)
    assert names(small_disk) == ["a"]
    assert (small_disk / "a").read_bytes() == b"old"


REWRITE_FOR_EVER = """
    import sys
    from pathlib import Path
    from omloop.core import write_whole

    while True:
        for letter in b"ab":
            write_whole(Path(sys.argv[1]), bytes([letter]) * 300_000)
            print(end=".", flush=True)
"""


@posix
def test_a_kill_in_the_middle_leaves_the_old_or_the_new_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for wait in (0.0, 0.003, 0.007, 0.011, 0.017):
        with python(REWRITE_FOR_EVER, path) as writer:
            assert writer.stdout is not None
            writer.stdout.read(1)
            time.sleep(wait)
            writer.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert content in (b"a" * 300_000, b"b" * 300_000)
    write_whole(path, b"and life goes on")
    assert path.read_bytes() == b"and life goes on"


def test_an_interrupt_between_staging_and_naming_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.link", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_new(tmp_path / "a", b"")
    assert names(tmp_path) == []


def test_a_path_that_cannot_be_right_is_no_matter_of_space_or_rights(tmp_path: Path) -> None:
    gone = tmp_path / "gone.csv"
    told = r"Cannot read .*/gone\.csv: No such file or directory\. Check the path\.$"
    with pytest.raises(StoreError, match=told), as_store_error("read", gone):
        gone.read_bytes()
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"exists\. Check the path, or choose another workspace"):
        write_whole(tmp_path / "file" / "below", b"")


def test_too_many_open_files_are_no_matter_of_space_or_rights(tmp_path: Path) -> None:
    told = r"Too many open files\. Raise the limit of open files \(ulimit -n\), or start fewer at once\.$"
    with all_descriptors_taken(), pytest.raises(StoreError, match=told):
        write_whole(tmp_path / "a", b"")


def test_saying_keeps_the_cause_and_lets_other_errors_pass() -> None:
    with (
        pytest.raises(StoreError, match="Cannot read nowhere: No such file") as caught,
        as_store_error("read", Path("nowhere")),
    ):
        Path("nowhere").read_bytes()
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    with pytest.raises(ZeroDivisionError), as_store_error("read", Path("nowhere")):
        _ = 1 / 0
