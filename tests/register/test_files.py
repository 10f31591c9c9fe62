import os
from pathlib import Path

import pytest

from omloop.core import StoreError
from omloop.register import STORES, FileBlobs
from omloop.testing.blobs import BlobsContract


class TestFileBlobs(BlobsContract):
    """`blobs` comes from conftest.py."""


def test_the_store_called_files_is_this_one() -> None:
    assert STORES.load("files") is FileBlobs


@pytest.mark.parametrize(
    "key", ["/etc/passwd", "../x", "a/../../x", "a//b", "", ".", "a/", "c:\\x", "c:/x", "a\0b", "a/.b.1.tmp"]
)
def test_a_key_that_leaves_the_store_is_refused(blobs: FileBlobs, tmp_path: Path, key: str) -> None:
    for act in (lambda: blobs.create(key, b"x"), lambda: blobs.read(key)):
        with pytest.raises(StoreError, match="is no key"):
            act()
    assert list(tmp_path.rglob("*")) == []


def test_what_a_killed_writer_left_is_not_listed(blobs: FileBlobs, tmp_path: Path) -> None:
    blobs.create("demo/one", b"")
    (tmp_path / "store/demo/.two.4711.ab12cd34.tmp").write_bytes(b"half")
    assert blobs.list("demo") == ["one"]


def test_a_folder_is_no_blob(blobs: FileBlobs) -> None:
    blobs.create("demo/one", b"")
    with pytest.raises(StoreError, match="holds no 'demo'"):
        blobs.read("demo")


def test_a_file_where_a_folder_belongs_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("not a folder")
    with pytest.raises(StoreError, match="Cannot write"):
        FileBlobs(tmp_path / "store").create("demo/one", b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_without_rights_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir(mode=0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        FileBlobs(tmp_path / "store").create("demo/one", b"")
