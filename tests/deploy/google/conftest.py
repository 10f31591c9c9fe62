"""A delivery to Google Cloud, and a cloud on loopback to bring it to."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import requests
from tests.deploy.google_fake import GoogleFake, running

from omloop.deploy import GoogleSettings, Service
from omloop.deploy.google import (
    Change,
    Done,
    GoogleCloud,
    Resource,
    apply_changes,
    plan_changes,
    plan_removal,
    read_resources,
)
from omloop.deploy.google.files import google_files


@pytest.fixture
def rides(service: Service) -> Service:
    """A service with everything that a delivery to Google Cloud can have, but for Vertex AI."""
    more = {"OMLOOP_LOG_DAYS": "30"}
    settings = replace(service.settings, repository="ann/rides")
    google = GoogleSettings(
        region="europe-west4",
        secrets="OMLOOP_API_KEY",
        build="cloud",
        public=1,
        billing_account="012345-6789AB-CDEF01",
        budget=100,
    )
    return replace(service, settings=settings, google=google, variables={**service.variables, **more})


def wanted(service: Service) -> tuple[Resource, ...]:
    """What the files of a service describe."""
    return read_resources({path: text for path, text in google_files(service).items() if "cloudbuild" not in path})


def push_images(fake: GoogleFake) -> None:
    """As a workflow does."""
    for kind in ("serve", "train"):
        fake.push(f"europe-docker.pkg.dev/rides/omloop/bike-rides-{kind}:latest")


@dataclass
class Site:
    """A cloud on loopback, and who asks it."""

    fake: GoogleFake
    cloud: GoogleCloud

    def plan(self, resources: tuple[Resource, ...]) -> list[Change]:
        """What is to be done."""
        return [one for one in plan_changes(resources, self.cloud) if one.action not in ("same", "keep")]

    def apply(self, resources: tuple[Resource, ...]) -> tuple[Done, ...]:
        """Do it."""
        return apply_changes(self.plan(resources), self.cloud, lambda _: None)

    def remove(self, resources: tuple[Resource, ...]) -> tuple[Done, ...]:
        """Take it all away."""
        return apply_changes(plan_removal(resources, self.cloud), self.cloud, lambda _: None)

    def give_value(self, secret: str) -> None:
        """As a person does by gcloud."""
        body = {"payload": {"data": base64.b64encode(b"x").decode()}}
        path = f"v1/projects/{self.cloud.project}/secrets/{secret}:addVersion"
        self.cloud.ask("POST", "secretmanager.googleapis.com", path, body)


@pytest.fixture
def empty() -> Iterator[Site]:
    """A cloud with nothing in it, not even images."""
    with running() as fake, requests.Session() as session:
        session.headers["Authorization"] = "Bearer token"
        billing, elsewhere = "012345-6789AB-CDEF01", {"registry": "europe"}
        cloud = GoogleCloud("rides", "europe-west4", "bike-rides", session, billing, elsewhere, fake.root)
        yield Site(fake, replace(cloud, sleep=lambda _: None))
        assert not fake.unchecked


@pytest.fixture
def site(empty: Site) -> Site:
    """A cloud with the images of the delivery."""
    push_images(empty.fake)
    return empty


@pytest.fixture
def deliver(site: Site) -> Callable[[Service], tuple[Resource, ...]]:
    """Deliver a service whole: its images are built, and its secrets get values, as the first half is there."""

    def deliver(service: Service) -> tuple[Resource, ...]:
        resources = wanted(service)
        push_images(site.fake)
        secrets = tuple(one for one in resources if one.kind in ("api", "secret"))
        site.apply(secrets)
        for one in secrets:
            if one.kind == "secret":
                site.give_value(one.name)
        site.apply(resources)
        return resources

    return deliver
