"""The sources `s3` and `gcs`: real clients against moto's S3 and a small server of Google's API, behind faults."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from omloop.core import ConfigError, DataError, OmloopError, Project, Settings, SourceError
from omloop.data import SOURCES, read_picture_folder
from omloop.testing.source import Fetching, SourceContract

pytest.importorskip("gcsfs")
pytest.importorskip("s3fs")
pytest.importorskip("moto")

from omloop.data.sources import bucket_copy
from omloop.data.sources.bucket_service import BucketObject


@pytest.fixture(params=["gs", pytest.param("s3", marks=pytest.mark.slow)])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(url: str, **words: Any) -> Any:
    return SOURCES.load("s3" if url.startswith("s3") else "gcs")(url=url, **words)


def put(bucket: str, **objects: bytes) -> None:
    """Write objects; `__` stands for a slash and a last `_` for the point before a suffix."""
    files = made(bucket).opened()
    for name, content in objects.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        files.pipe_file(f"{bucket.partition('://')[2]}/{stem}.{suffix}", content)


def fetched(url: str, project: Project, tmp_path: Path, **words: Any) -> Any:
    return made(url, **words).records(project, tmp_path / "downloads", Settings())


def contents(service: Any) -> list[str]:
    """The objects whose content was asked for since the last time."""
    asked = [line.partition(" ")[2] for line in service.asked() if line.startswith("GET ")]
    if service.scheme == "gs":
        return [path for path in asked if "alt=media" in path]
    return [path for path in asked if path.count("/") > 1 and "list-type" not in path]


class TestBucket(SourceContract):
    @pytest.fixture
    def project(self, project: Project) -> Project:
        return project

    @pytest.fixture
    def source(self, bucket: str, table_file: Path) -> Fetching:
        put(bucket, a__toy_csv=table_file.read_bytes())
        found: Fetching = made(f"{bucket}/a/toy.csv")
        return found

    @pytest.fixture
    def broken(self, bucket: str) -> Fetching:
        found: Fetching = made(f"{bucket}/a/none.csv")
        return found


def test_an_object_is_fetched_again_only_when_it_changed(
    bucket: str, project: Project, tmp_path: Path, object_service: Any
) -> None:
    put(bucket, toy_csv=b"a\n1\n")
    object_service.asked()
    for _ in range(2):
        assert list(fetched(f"{bucket}/toy.csv", project, tmp_path)["a"]) == ["1"]
    assert len(contents(object_service)) == 1
    put(bucket, toy_csv=b"a\n2\n")
    assert list(fetched(f"{bucket}/toy.csv", project, tmp_path)["a"]) == ["2"]
    next(tmp_path.rglob("toy.csv")).write_bytes(b"a\n")
    assert list(fetched(f"{bucket}/toy.csv", project, tmp_path)["a"]) == ["2"]


def test_a_folder_of_parts_is_one_table_and_follows_the_bucket(
    bucket: str, project: Project, tmp_path: Path, object_service: Any
) -> None:
    put(bucket, t__p0_csv=b"a,b\n1,x\n", t__sub__p1_csv=b"b,a\ny,2\n", t___SUCCESS_crc=b"", t2__other_csv=b"c\n1\n")
    found = fetched(f"{bucket}/t/", project, tmp_path)
    assert list(found["a"]) == ["1", "2"] and list(found["b"]) == ["x", "y"]
    object_service.asked()
    files = made(bucket).opened()
    files.rm_file(f"{bucket.partition('://')[2]}/t/sub/p1.csv")
    put(bucket, t__p2_csv=b"a,b\n3,z\n")
    assert list(fetched(f"{bucket}/t", project, tmp_path)["a"]) == ["1", "3"]
    assert len(contents(object_service)) == 2  # the address has no slash now, and so a folder of its own


@pytest.mark.slow
def test_a_folder_of_pictures_is_read_by_the_project(bucket: str, project: Project, tmp_path: Path) -> None:
    from dataclasses import replace

    picture = bytes.fromhex("89504e470d0a1a0a")
    put(bucket, cat__1_png=picture, cat__2_png=picture, dog__1_png=picture, dog__2_png=picture)
    found = fetched(bucket, replace(project, read=read_picture_folder), tmp_path)
    assert list(found["label"]) == ["cat", "cat", "dog", "dog"]


@pytest.mark.slow
def test_an_archive_is_unpacked_as_a_file_is(bucket: str, project: Project, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("toy.csv", "a\n1\n")
    put(bucket, toy_zip=packed.getvalue())
    assert list(fetched(f"{bucket}/toy.zip", project, tmp_path)["a"]) == ["1"]


def test_another_object_than_the_digest_says_is_refused(bucket: str, project: Project, tmp_path: Path) -> None:
    put(bucket, toy_csv=b"a\n1\n")
    digest = hashlib.sha256(b"a\n1\n").hexdigest()
    assert fetched(f"{bucket}/toy.csv", project, tmp_path, sha256=digest)
    with pytest.raises(SourceError, match=f"has SHA-256 {digest}, not 0000"):
        fetched(f"{bucket}/toy.csv", project, tmp_path, sha256="0" * 64)
    with pytest.raises(ConfigError, match=r"is of one object"):
        fetched(f"{bucket}/", project, tmp_path, sha256=digest)


@pytest.mark.parametrize(
    ("address", "reason"),
    [("/none.csv", "holds nothing at 'none.csv'"), ("-none/toy.csv", "There is no bucket omloop-"), ("/", "nothing")],
)
def test_what_is_not_there_is_told(bucket: str, address: str, reason: str, project: Project, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=reason):
        fetched(f"{bucket}{address}", project, tmp_path)


def test_what_is_forbidden_is_told_in_one_line_and_nothing_is_kept(
    bucket: str, project: Project, tmp_path: Path, object_service: Any
) -> None:
    put(bucket, toy_csv=b"a\n1\n")
    object_service.fail(*["forbidden"] * 20)
    with pytest.raises(SourceError, match=rf"{bucket}/toy.csv cannot be fetched: .*\. Check the network and") as told:
        fetched(f"{bucket}/toy.csv", project, tmp_path)
    assert "\n" not in str(told.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(
    bucket: str, project: Project, tmp_path: Path, object_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = b"a\n" + b"1\n" * 5000
    put(bucket, toy_csv=table)
    monkeypatch.setattr(bucket_copy, "PIECE", 4000)
    read = bucket_copy.BucketService.read

    def breaking(self: Any, path: str, start: int, end: int) -> bytes:
        return read(self, path, start, end)[: 4000 if start < 4000 else 100]

    with monkeypatch.context() as broken:
        broken.setattr(bucket_copy.BucketService, "read", breaking)
        with pytest.raises(SourceError, match="broke off after 4100 of 10002 bytes. Try again"):
            fetched(f"{bucket}/toy.csv", project, tmp_path)
    assert not list(tmp_path.rglob("toy.csv"))
    object_service.asked()
    object_service.fail("cut GET" if object_service.scheme == "s3" else "unavailable HEAD")
    assert len(fetched(f"{bucket}/toy.csv", project, tmp_path)["a"]) == 5000
    assert not list(tmp_path.rglob("*.parts"))


def test_an_object_that_changes_while_it_is_fetched_is_not_kept(
    bucket: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, toy_csv=b"a\n" + b"1\n" * 50)
    monkeypatch.setattr(bucket_copy, "PIECE", 60)
    read = bucket_copy.BucketService.read

    def changing(self: Any, path: str, start: int, end: int) -> bytes:
        content = read(self, path, start, end)
        put(bucket, toy_csv=b"a\n" + b"2\n" * 50)
        return content

    with monkeypatch.context() as changes, pytest.raises(SourceError, match="changed while it was fetched. Try again"):
        changes.setattr(bucket_copy.BucketService, "read", changing)
        fetched(f"{bucket}/toy.csv", project, tmp_path)
    assert set(fetched(f"{bucket}/toy.csv", project, tmp_path)["a"]) == {"2"}


@pytest.mark.slow
def test_a_service_that_is_not_there_is_told_within_bounds(
    bucket: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="cannot be fetched: .*Check the network"):
        fetched(f"{bucket}/toy.csv", project, tmp_path)


@pytest.mark.parametrize(
    ("source", "url"),
    [("s3", "gs://bucket/a.csv"), ("gcs", "s3://bucket/a.csv"), ("s3", "bucket/a.csv"), ("s3", "s3://bucket/a?v=1")],
)
def test_another_address_is_refused(source: str, url: str, project: Project, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"no address of data={source}; write it as"):
        SOURCES.load(source)(url=url).records(project, tmp_path, Settings())


@pytest.mark.parametrize("name", ["b/f/../../x", "b/f//x", "b/f/./x", "b/f/a\\b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match="a name that no file can have"):
        BucketObject.of({"name": name, "size": 1, "ETag": "1"}, "b/f")


@pytest.mark.slow
def test_what_is_no_table_in_a_folder_is_named(bucket: str, project: Project, tmp_path: Path) -> None:
    put(bucket, t__p0_csv=b"a\n1\n", t__readme_md=b"#")
    with pytest.raises(DataError, match=r"holds readme.md; name one file in it"):
        fetched(f"{bucket}/t", project, tmp_path)
    put(bucket, u__p0_csv=b"a\n1\n", u__p1_csv=b"c\n1\n")
    with pytest.raises(OmloopError, match=r"p1.csv has other columns than p0.csv: a, c"):
        fetched(f"{bucket}/u", project, tmp_path)
