"""An archive that somebody else packed is read within bounds."""

import stat
import zipfile
from pathlib import Path

import pytest

from omloop.core import DataError
from omloop.data import zip_members


def packed(path: Path, content: bytes, *, mode: int = stat.S_IFREG) -> Path:
    member = zipfile.ZipInfo("train/one.png")
    member.external_attr = (mode | 0o644) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return path


def test_members_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    members = zip_members(packed(tmp_path / "a.zip", b"picture"))
    assert {name: read() for name, read in members.items()} == {"train/one.png": b"picture"}


def test_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train/one.png is a link"):
        zip_members(packed(tmp_path / "a.zip", b"/etc/passwd", mode=stat.S_IFLNK))


def test_a_member_is_bounded_by_the_size_that_it_declares(tmp_path: Path) -> None:
    members = zip_members(packed(tmp_path / "a.zip", bytes(5000)), most=1000)
    with pytest.raises(DataError, match="unpacks to 5,000 bytes; at most 1,000"):
        members["train/one.png"]()


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", bytes(5000))
    path.write_bytes(path.read_bytes().replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(DataError, match="cannot be unpacked|more than"):
        zip_members(path, most=1000)["train/one.png"]()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\3\4")
    with pytest.raises(DataError, match="not a zip archive, or was cut"):
        zip_members(tmp_path / "a.zip")
