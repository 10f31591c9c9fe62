"""What is planned, beside a cloud that answers as Google's does."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.deploy.google.conftest import Site, wanted

from omloop.core import OmloopError
from omloop.deploy import Service
from omloop.deploy.google import Resource, plan_changes
from omloop.deploy.google.plan import differing

Deliver = Callable[[Service], tuple[Resource, ...]]


def _told(site: Site, resources: tuple[Resource, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.action, str(one.resource), one.fields) for one in site.plan(resources)]


def test_what_was_applied_is_as_planned(site: Site, rides: Service, deliver: Deliver) -> None:
    assert _told(site, deliver(rides)) == []


def test_a_pipeline_of_vertex_is_as_planned_too(site: Site, rides: Service, deliver: Deliver) -> None:
    google = replace(rides.google, watch="vertex", secrets="")
    assert _told(site, deliver(replace(rides, google=google, secrets=()))) == []


def test_the_longest_name_fits_everywhere(site: Site, rides: Service) -> None:
    project = "rides_of_all_our_bikes1"
    longest = replace(rides, project=project, secrets=(), google=replace(rides.google, secrets=""))
    site = replace(site, cloud=replace(site.cloud, owner=longest.host))
    for kind in ("serve", "train"):
        site.fake.push(f"europe-docker.pkg.dev/rides/omloop/{longest.host}-{kind}:latest")
    resources = wanted(longest)
    site.apply(resources)
    assert (len(longest.host), _told(site, resources)) == (23, [])


def test_planning_changes_nothing(site: Site, rides: Service) -> None:
    site.plan(wanted(rides))
    assert not [one for one in site.fake.asked("POST|PUT|PATCH|DELETE") if not one.path.endswith(":getIamPolicy")]


def test_a_changed_setting_is_a_change_of_its_field(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    settings = replace(rides.settings, most=7, email="bea@example.org", watch_minutes=30)
    assert _told(site, wanted(replace(rides, settings=settings))) == [
        ("change", "service bike-rides", ("template.scaling.maxInstanceCount",)),
        ("change", "schedule bike-rides-watch", ("schedule",)),
        ("change", "channel bike-rides", ("labels.email_address",)),
        ("change", "alert-policy bike-rides-watch-stopped", ("conditions[0].conditionPrometheusQueryLanguage.query",)),
    ]


def test_a_variable_that_is_gone_is_a_change(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    fewer = {name: value for name, value in rides.variables.items() if name != "OMLOOP_LOG_DAYS"}
    changed = {one.resource.kind: one.fields for one in site.plan(wanted(replace(rides, variables=fewer)))}
    assert changed["service"] == ("template.containers[1].env",)
    assert changed["bucket"] == ("lifecycle.rule",)


def test_what_somebody_changed_in_the_console_is_found(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    path = "v2/projects/rides/locations/europe-west4/jobs/bike-rides-watch"
    job = site.cloud.ask("GET", "run.googleapis.com", path)
    job["template"]["template"]["containers"][0]["args"] = ["watch"]
    site.cloud.ask("PATCH", "run.googleapis.com", path, job)
    assert _told(site, resources) == [("change", "job bike-rides-watch", ("template.template.containers[0].args",))]


def test_a_newer_image_of_the_same_name_is_no_change(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    site.fake.push("europe-docker.pkg.dev/rides/omloop/bike-rides-serve:3f9a2c")
    path = "v2/projects/rides/locations/europe-west4/services/bike-rides"
    service = site.cloud.ask("GET", "run.googleapis.com", path)
    server = next(one for one in service["template"]["containers"] if one["name"] == "server")
    server["image"] = "europe-docker.pkg.dev/rides/omloop/bike-rides-serve:3f9a2c"
    site.cloud.ask("PATCH", "run.googleapis.com", path, service)
    assert _told(site, resources) == []


def test_what_is_no_longer_described_is_removed(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    left = wanted(replace(rides, settings=replace(rides.settings, email=""), google=replace(rides.google, metrics=0)))
    removed = [str(one.resource) for one in plan_changes(left, site.cloud) if one.action == "remove"]
    assert "channel bike-rides" in removed
    assert "alert-policy bike-rides-drift" in removed
    assert "alert-policy bike-rides-watch-tells" not in removed


def test_another_project_of_omloop_is_left_alone(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    other = replace(site, cloud=replace(site.cloud, owner="taxi-rides"))
    assert [one for one in plan_changes((), other.cloud) if one.action == "remove"] == []


def test_a_name_that_somebody_else_took_is_told_before_anything_is_done(site: Site, rides: Service) -> None:
    body = {"description": "mine", "filter": "severity>=ERROR"}
    path = "v2/projects/rides/metrics"
    site.cloud.ask("POST", "logging.googleapis.com", path, {"name": "bike-rides-errors", **body})
    with pytest.raises(OmloopError, match=r"metric bike-rides-errors is there already, made by somebody else\. Remove"):
        site.plan(wanted(rides))


def test_a_bucket_that_was_there_before_stays_as_it_is(site: Site, rides: Service) -> None:
    site.cloud.ask("POST", "storage.googleapis.com", "storage/v1/b", {"name": "rides"}, {"project": "rides"})
    actions = {str(one.resource): one.action for one in plan_changes(wanted(rides), site.cloud)}
    assert actions["bucket rides"] == "keep"


def test_a_bucket_of_somebody_else_is_one_clear_line(site: Site, rides: Service) -> None:
    site.fake.foreign_buckets.add("rides")
    with pytest.raises(OmloopError, match=r"^The bucket gs://rides is somebody else's, or you may not see it"):
        site.plan(wanted(rides))


@pytest.mark.parametrize(
    ("given", "live", "paths"),
    [
        ({"a": {"b": "1"}}, {"a": {"b": 1, "c": 2}}, []),
        ({"a": False, "b": [], "c": 0}, {}, []),
        ({"a": True}, {}, ["a"]),
        ({"env": [{"name": "B", "x": 1}, {"name": "A"}]}, {"env": [{"name": "A"}, {"name": "B", "x": 1}]}, []),
        ({"args": ["a", "b"]}, {"args": ["b", "a"]}, ["args[0]", "args[1]"]),
        ({"image": "a/b:1"}, {"image": "a/b@sha256:00"}, []),
        ({"image": "a/b:1"}, {"image": "a/c:1"}, ["image"]),
        ({"a": {"b": 1}}, {"a": "text"}, ["a"]),
        ({"limits": {"cpu": "1", "memory": "2048Mi"}}, {"limits": {"cpu": "1000m", "memory": "2Gi"}}, []),
        ({"limits": {"cpu": "1", "memory": "2048Mi"}}, {"limits": {"cpu": "2", "memory": "2G"}},
         ["limits.cpu", "limits.memory"]),
        ({"duration": "0s"}, {}, []),
    ],
)  # fmt: skip
def test_only_what_is_described_is_compared(given: object, live: object, paths: list[str]) -> None:
    assert list(differing(given, live)) == paths


@pytest.mark.parametrize("kind", ["job", "bucket", "metric", "alert-policy"])
def test_what_would_not_be_known_as_the_projects_is_not_made(site: Site, kind: str) -> None:
    body = {"labels": {"team": "a"}, "description": "mine"}
    with pytest.raises(
        OmloopError, match=rf"^The {kind} extra is not there, and its file does not say whose it is\. Give"
    ):
        site.plan((Resource(kind, "extra", body),))
