"""What Google Cloud refuses is one clear line each, whether it is planned, applied or examined."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.deploy.google.conftest import Site, wanted

from omloop.core import OmloopError
from omloop.deploy import Service
from omloop.deploy.google import GoogleCloud, Resource

PERMISSIONS = {"run.services.get", "run.services.list", "resourcemanager.projects.get"}


def _project(site: Site) -> None:
    site.fake.project = "others"


def _permission(site: Site) -> None:
    site.fake.permissions = PERMISSIONS


def _quota(site: Site) -> None:
    site.fake.quota["/run.googleapis.com/v2/projects/rides/locations/europe-west4"] = "Read requests per minute"


def _login(site: Site) -> None:
    site.cloud.session.headers.pop("Authorization")


def _region(site: Site) -> None:
    site.fake.regions["run.googleapis.com"] = {"us-central1"}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (_project, r"There is no project 'rides', or you may not see it\.|You may not .* in rides\."),
        (
            _permission,
            r"^You may not [a-z]+\.\w+\.\w+ in rides\. Who administers it grants it: gcloud projects add-iam",
        ),
        (_quota, r"^A quota of rides in europe-west4 is used up: .* Ask for more: https://console"),
        (_login, r"^\w+\.googleapis\.com does not take these credentials\. Log in anew: gcloud auth application"),
        (_region, r"^run\.googleapis\.com is not to be had in 'europe-west4': .* Set another in omloop\.toml"),
    ],
)
def test_a_plan_says_what_is_wrong_in_one_line(
    site: Site, rides: Service, fault: Callable[[Site], None], told: str
) -> None:
    fault(site)
    with pytest.raises(OmloopError, match=told) as found:
        site.plan(wanted(rides))
    assert "\n" not in str(found.value)
    assert not site.fake.asked("POST", "/(services|jobs|buckets|secrets|serviceAccounts)$")


def test_services_that_are_off_are_switched_on_first(site: Site, rides: Service) -> None:
    site.fake.enabled -= {"run.googleapis.com", "secretmanager.googleapis.com", "cloudscheduler.googleapis.com"}
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    site.apply(resources)
    assert site.plan(resources) == []


def test_an_address_where_nobody_listens_is_one_line(site: Site) -> None:
    nowhere = replace(site.cloud, root="http://127.0.0.1:9/{host}")
    with pytest.raises(OmloopError, match=r"^run\.googleapis\.com cannot be reached: "):
        nowhere.ask("GET", "run.googleapis.com", "v2/projects/rides")


def test_who_is_not_logged_in_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    google_auth = pytest.importorskip("google.auth")

    def nobody(**_: object) -> None:
        raise google_auth.exceptions.DefaultCredentialsError("nobody")

    monkeypatch.setattr(google_auth, "default", nobody)
    with pytest.raises(OmloopError, match=r"^Nobody is logged in to Google Cloud here\. Log in: gcloud auth"):
        GoogleCloud.connect("rides", "europe-west4", "bike-rides")


def test_an_operation_that_fails_says_why(site: Site) -> None:
    site.fake.fail_operations.append(("services/a", {"code": 9, "message": "Revision 'a-1' is not ready"}))
    body = {"template": {"containers": [{"image": "europe-docker.pkg.dev/rides/omloop/bike-rides-serve:latest"}]}}
    path = "v2/projects/rides/locations/europe-west4/services"
    with pytest.raises(OmloopError, match=r"^run\.googleapis\.com could not do it: Revision 'a-1' is not ready\.$"):
        site.cloud.ask("POST", "run.googleapis.com", path, body, {"serviceId": "a"})


def test_what_is_refused_has_no_secret_in_it(site: Site) -> None:
    one = Resource("metric", "bike-rides-errors", {"filter": "a=1", "description": "postgres://ann:hunter2@db/x"})
    site.fake.permissions = PERMISSIONS
    with pytest.raises(OmloopError) as found:
        site.plan((one,))
    assert "hunter2" not in str(found.value)
