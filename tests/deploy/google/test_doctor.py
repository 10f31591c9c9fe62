"""What is found before anything is delivered."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.deploy.google.conftest import Site, wanted

from omloop.core import Diagnosis
from omloop.deploy import Service
from omloop.deploy.google import Resource, examine_cloud, unmet_needs

SERVER = "europe-docker.pkg.dev/rides/omloop/bike-rides-serve"
Deliver = Callable[[Service], tuple[Resource, ...]]


def _wrong(site: Site, rides: Service) -> list[Diagnosis]:
    return [one for one in examine_cloud(wanted(rides), site.cloud) if one.state != "ok"]


def test_a_delivery_that_stands_is_well(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    assert _wrong(site, rides) == []


def test_each_permission_that_is_missing_has_a_command_that_grants_it(
    site: Site, rides: Service, deliver: Deliver
) -> None:
    deliver(rides)
    site.fake.permissions = {"run.services.get", "run.services.create", "resourcemanager.projects.get"}
    found = {one.next_step.rpartition("--role=")[2]: one.detail for one in _wrong(site, rides) if one.what == "rights"}
    assert "run.services.setIamPolicy" in found["roles/run.admin"]
    assert "run.services.create" not in found["roles/run.admin"]
    assert "cloudscheduler.jobs.create" in found["roles/cloudscheduler.admin"]


def test_a_service_that_is_off_has_a_command_that_enables_it(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    site.fake.enabled.discard("cloudscheduler.googleapis.com")
    (off,) = [one for one in _wrong(site, rides) if one.what == "cloudscheduler.googleapis.com"]
    assert (off.state, off.next_step.startswith("gcloud services enable cloudscheduler.googleapis.com")) == (
        "missing",
        True,
    )


def test_a_project_without_billing_is_broken(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    site.fake.billing = None
    told = {one.what: one.next_step for one in _wrong(site, replace(rides, google=replace(rides.google, budget=0)))}
    assert told == {"billing": "gcloud billing projects link rides --billing-account=ACCOUNT"}


def test_images_and_values_that_are_not_there_are_named(empty: Site, rides: Service) -> None:
    found = {one.what: one.next_step for one in unmet_needs(wanted(rides), empty.cloud)}
    assert found["secret bike-rides-OMLOOP_API_KEY"].startswith("gcloud secrets versions add bike-rides-OMLOOP_API_KEY")
    assert [name for name in found if name.startswith("image ")] == [
        "image europe-docker.pkg.dev/rides/omloop/bike-rides-serve:latest",
        "image europe-docker.pkg.dev/rides/omloop/bike-rides-train:latest",
    ]


def test_a_region_without_cloud_scheduler_is_told(site: Site, rides: Service) -> None:
    site.fake.regions["cloudscheduler.googleapis.com"] = {"europe-west1"}
    (found,) = [one for one in _wrong(site, rides) if one.what == "region"]
    assert found.detail.startswith("cloudscheduler.googleapis.com is not to be had in 'europe-west4'")
    assert found.detail.endswith("Set another in omloop.toml: [google] schedule_region.")


def test_what_cannot_be_asked_is_a_finding_and_not_the_end(site: Site, rides: Service) -> None:
    site.cloud.session.headers.pop("Authorization")
    found = _wrong(site, rides)
    assert {one.what for one in found} == {"project", "billing", "apis", "rights", "region", "secrets", "images"}
    assert all("Log in anew" in one.detail for one in found)


@pytest.mark.parametrize("image", ["nginx", "gcr.io/rides/a:1", SERVER, f"{SERVER}@sha256:{'0' * 64}"])
def test_an_image_of_ones_own_is_looked_for_by_tag_or_digest_where_it_can_be(site: Site, image: str) -> None:
    one = Resource("job", "a", {"template": {"template": {"containers": [{"image": image}]}}})
    assert unmet_needs([one], site.cloud) == []
