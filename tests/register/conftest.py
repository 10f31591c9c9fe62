from pathlib import Path

import pytest

from omloop.bundle import Bundle
from omloop.register import FileBlobs, Registry
from omloop.testing.bundles import tiny_bundle


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "store")


@pytest.fixture
def registry(blobs: FileBlobs) -> Registry:
    return Registry(blobs, "tiny")


@pytest.fixture(scope="session")
def bundles() -> list[Bundle]:
    return [tiny_bundle(weight) for weight in (1.0, 2.0, 3.0, 4.0)]


@pytest.fixture
def versions(registry: Registry, bundles: list[Bundle]) -> list[str]:
    """Four versions, added in this order, none of them champion."""
    return [registry.add(bundle, by="ada") for bundle in bundles]
