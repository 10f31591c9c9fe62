"""Stores in buckets: real clients against moto's S3 and a small server of Google's JSON API, both behind faults."""

import logging
from pathlib import Path
from typing import Any

import pytest

from omloop.core import ConflictError, SettingError, StoreError
from omloop.register import STORES
from omloop.register.remote import RemoteBlobs
from omloop.testing.blobs import BucketContract

pytest.importorskip("gcsfs")
pytest.importorskip("s3fs")
pytest.importorskip("moto")


@pytest.fixture(params=["gs", pytest.param("s3", marks=pytest.mark.slow)])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def blobs(bucket: str, tmp_path: Path) -> RemoteBlobs:
    store: RemoteBlobs = STORES.open(f"{bucket}/versions", tmp_path / "cache")
    return store


class TestRemoteBlobs(BucketContract):
    """`blobs` comes from above."""


@pytest.mark.parametrize("scheme", ["gs", "s3"], indirect=True)
def test_a_write_whose_answer_was_lost_is_ours(blobs: RemoteBlobs, object_service: Any) -> None:
    object_service.fail("lost PUT" if blobs.address.startswith("s3") else "lost POST")
    blobs.create("demo/one", b"first")
    assert blobs.read("demo/one") == b"first"
    with pytest.raises(ConflictError):
        blobs.create("demo/one", b"first")


@pytest.mark.slow
def test_a_service_that_is_away_for_a_moment_is_asked_again(blobs: RemoteBlobs, object_service: Any) -> None:
    blobs.create("demo/one", b"first")
    object_service.fail("unavailable GET", "cut GET")
    assert blobs.read("demo/one") == b"first"


def test_what_is_forbidden_is_told_in_one_line(blobs: RemoteBlobs, object_service: Any) -> None:
    object_service.fail(*["forbidden"] * 20)
    with pytest.raises(
        StoreError, match=rf"Cannot write demo/one in {blobs.address}: .*\. Check the network and the"
    ) as told:
        blobs.create("demo/one", b"first")
    assert "\n" not in str(told.value)


def test_a_service_that_is_silent_is_not_waited_for(
    blobs: RemoteBlobs, object_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.create("demo/one", b"first")
    monkeypatch.setattr("omloop.register.remote.ANSWER_S", 1.0)
    object_service.fail("silent GET")
    with pytest.raises(StoreError, match=r"Cannot list demo in .*: it does not answer\. Check the network"):
        blobs.list("demo")
    assert blobs.list("demo") == ["one"]


def test_a_bucket_that_is_not_there_is_told(object_service: Any, tmp_path: Path) -> None:
    store = STORES.open(f"{object_service.scheme}://no-such-bucket/versions", tmp_path)
    for act in (lambda: store.list(""), lambda: store.create("demo/one", b"")):
        with pytest.raises(StoreError, match="no bucket no-such-bucket"):
            act()


def test_a_bundle_is_fetched_once(blobs: RemoteBlobs, object_service: Any, tmp_path: Path) -> None:
    key = f"demo/bundles/{'ab' * 32}/model.onnx"
    blobs.create(key, b"model")
    for _ in range(2):
        assert blobs.read(key) == b"model"
        fetched = [one for one in object_service.asked() if one.startswith("GET")]
    assert fetched == []
    (tmp_path / "cache" / key).write_bytes(b"damaged")
    assert blobs.read(key) == b"model" and object_service.asked()


@pytest.mark.parametrize("scheme", ["gs"], indirect=True)
def test_a_service_that_is_not_there_is_told_within_bounds(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr("asyncio.sleep", _no_sleep)
    with pytest.raises(StoreError, match="Cannot list what is there in gs://"):
        STORES.open(bucket, tmp_path).list("")
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("address", ["gs://", "s3:///folder", "s3://a b/c", "s3://AKIA5:hunter2hunter2@bucket/x"])
def test_an_address_without_a_bucket_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is no address of a bucket") as told:
        STORES.open(address, tmp_path)
    assert "hunter2" not in str(told.value)


async def _no_sleep(_: float) -> None:
    """What waits between tries."""
