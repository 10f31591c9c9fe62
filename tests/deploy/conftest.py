"""A service as targets take it, with everything in it that a file may have to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omloop.deploy import IMAGES, DeploySettings, Service

if TYPE_CHECKING:
    from tests.deploy.google_fake import GoogleFake

LOCK = "numpy==2.4.0 \\\n    --hash=sha256:" + "0" * 64 + "\nuvicorn==0.40.0 \\\n    --hash=sha256:" + "1" * 64 + "\n"


@pytest.fixture
def service() -> Service:
    return Service(
        project="bike_rides",
        summary='How many bikes are "rented" for $5, by hour.',
        folder="projects/bike_rides",
        python="3.12",
        omloop="omloop==0.1.0",
        extras=dict.fromkeys(IMAGES, ("gcs",)) | {"train": ("gcs", "torch", "train", "watch")},
        locks=dict.fromkeys(IMAGES, LOCK),
        torch="torch==2.13.0",
        variables={"OMLOOP_STORE": "gs://rides/versions", "OMLOOP_PREDICTIONS": "gs://rides/predictions"},
        secrets=("OMLOOP_TRACK",),
        settings=DeploySettings(registry="europe-docker.pkg.dev/rides/omloop", email="ann@example.org"),
    )


@pytest.fixture
def told(service: Service) -> Service:
    """The service whose alerts go out by mail."""
    return replace(service, settings=replace(service.settings, smtp="mail.example.org:587"))


@pytest.fixture
def google() -> Iterator[GoogleFake]:
    """Google Cloud for one project, on loopback."""
    from tests.deploy.google_fake import running

    with running() as fake:
        yield fake
