"""Plans that are carried out, interrupted, and carried on."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.deploy.google.conftest import Site, push_images, wanted
from tests.deploy.google_fake import Failure

from omloop.core import OmloopError
from omloop.deploy import Service
from omloop.deploy.google import Resource, plan_removal
from omloop.deploy.google.kinds import KINDS

OURS = {"managed-by": "omloop", "omloop-project": "bike-rides"}
Deliver = Callable[[Service], tuple[Resource, ...]]
SERVICE = "v2/projects/rides/locations/europe-west4/services/bike-rides"


def test_after_a_removal_nothing_is_left(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    assert [done.left for done in site.remove(resources) if done.left] == []
    assert plan_removal(resources, site.cloud) == ()
    assert "bike-rides" not in str(site.fake.policies)


def test_what_was_removed_can_be_delivered_again(site: Site, rides: Service, deliver: Deliver) -> None:
    site.remove(deliver(rides))  # a pool of identities is only marked as removed, and its name stays taken
    assert site.plan(deliver(rides)) == []


def test_a_provider_that_came_back_with_its_pool_is_taken_as_it_is(
    site: Site, rides: Service, deliver: Deliver
) -> None:
    (provider,) = [one for one in deliver(rides) if one.kind == "identity-provider"]
    KINDS["identity-provider"].create(site.cloud, provider)
    assert site.fake.asked("POST", ":undelete$") == []


def test_a_bucket_with_data_is_never_removed(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    site.fake.objects.setdefault("rides", set()).add("versions/rides/champion")
    left = {str(done.change.resource): done.left for done in site.remove(resources) if done.left}
    assert left == {
        "bucket rides": "it holds data. To remove it with all of that: gcloud storage rm --recursive gs://rides"
    }
    assert site.fake.asked("DELETE", "/b/rides") == []
    assert [str(one.resource) for one in plan_removal(resources, site.cloud)] == ["bucket rides"]


@pytest.mark.parametrize("image", ["taxi-serve", "bike-rides-night-serve"])
def test_a_repository_with_images_of_others_is_never_removed(
    site: Site, rides: Service, deliver: Deliver, image: str
) -> None:
    site.fake.push(f"europe-docker.pkg.dev/rides/omloop/{image}:latest")
    left = {str(done.change.resource): done.left for done in site.remove(deliver(rides)) if done.left}
    assert list(left) == ["repository omloop"]


def test_it_stops_at_what_is_refused_and_goes_on_from_there(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    site.fake.fail_next.append(Failure("POST", "/jobs$", 500))
    with pytest.raises(OmloopError, match=r"It stopped at the (job|schedule) .* changes before it stand; the same"):
        site.apply(resources)
    site.apply(resources)
    assert site.plan(resources) == []


def test_a_creation_whose_answer_was_lost_is_not_made_twice(site: Site, rides: Service) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    site.fake.fail_next.append(Failure("POST", "/notificationChannels$", None, applied=True))
    with pytest.raises(OmloopError, match=r"monitoring\.googleapis\.com cannot be reached"):
        site.apply(resources)
    site.apply(resources)
    assert site.plan(resources) == []
    path = "v3/projects/rides/notificationChannels"
    assert len(list(site.cloud.every("monitoring.googleapis.com", path, "notificationChannels"))) == 1


def test_a_question_is_asked_again_where_the_service_was_busy(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    site.fake.fail_next += [Failure("GET", "services/bike-rides", status) for status in (503, 429)]
    assert site.plan(resources) == []


def test_a_revision_that_failed_is_made_again(empty: Site, rides: Service) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    with pytest.raises(OmloopError, match=r"bike-rides-serve:latest' not found\. It stopped at the service bike-rides"):
        empty.apply(resources)
    push_images(empty.fake)
    empty.apply(resources)
    assert empty.cloud.ask("GET", "run.googleapis.com", SERVICE)["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
    assert empty.plan(resources) == []


def test_traffic_and_a_newer_image_stay_as_they_are(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    site.fake.push("europe-docker.pkg.dev/rides/omloop/bike-rides-serve:3f9a2c")
    service = site.cloud.ask("GET", "run.googleapis.com", SERVICE)
    server = next(one for one in service["template"]["containers"] if one["name"] == "server")
    server["image"] = "europe-docker.pkg.dev/rides/omloop/bike-rides-serve:3f9a2c"
    traffic = [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100, "tag": "candidate"}]
    site.cloud.ask("PATCH", "run.googleapis.com", SERVICE, {**service, "traffic": traffic})

    site.apply(wanted(replace(rides, settings=replace(rides.settings, most=9))))

    now = site.cloud.ask("GET", "run.googleapis.com", SERVICE)
    images = {one["name"]: one["image"] for one in now["template"]["containers"]}
    assert images["server"].endswith(":3f9a2c")
    assert now["traffic"][0]["tag"] == "candidate"
    assert now["template"]["scaling"]["maxInstanceCount"] == 9


def test_others_keep_the_access_that_they_have(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    path = "storage/v1/b/rides/iam"
    policy = site.cloud.ask("GET", "storage.googleapis.com", path)
    bea = {"role": "roles/storage.objectViewer", "members": ["user:bea@example.org"]}
    site.cloud.ask("PUT", "storage.googleapis.com", path, {**policy, "bindings": [*policy["bindings"], bea]})
    site.fake.objects.setdefault("rides", set()).add("versions/rides/champion")

    assert site.plan(resources) == []
    site.remove(resources)

    left = str(site.cloud.ask("GET", "storage.googleapis.com", path)["bindings"])
    assert "bea@example.org" in left
    assert "bike-rides" not in left


def test_access_that_somebody_changes_meanwhile_is_given_on_top_of_that(site: Site, rides: Service) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    stale = {"error": {"code": 409, "status": "ABORTED", "message": "There were concurrent policy changes."}}
    site.fake.fail_next.append(Failure("POST", "projects/rides:setIamPolicy", 409, stale))
    site.apply(resources)
    assert site.plan(resources) == []


def test_a_server_that_is_no_longer_public_is_closed(site: Site, rides: Service, deliver: Deliver) -> None:
    deliver(rides)
    assert "allUsers" in str(site.cloud.ask("GET", "run.googleapis.com", f"{SERVICE}:getIamPolicy"))
    site.apply(wanted(replace(rides, google=replace(rides.google, public=0))))
    assert "allUsers" not in str(site.cloud.ask("GET", "run.googleapis.com", f"{SERVICE}:getIamPolicy"))


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("PUT", "/b/rides/iam", 400, "Service account bike-rides-serve@rides.iam.gserviceaccount.com does not exist."),
        ("POST", "/alertPolicies$", 404, 'Cannot find metric that matches type = "logging.googleapis.com/user/x".'),
        (
            "POST",
            "/services$",
            403,
            "Permission 'iam.serviceaccounts.actAs' denied on service account "
            "bike-rides-serve@rides.iam.gserviceaccount.com (or it may not exist).",
        ),
    ],
)
def test_what_was_made_a_moment_ago_is_waited_for(
    site: Site, rides: Service, method: str, path: str, status: int, told: str
) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    site.fake.fail_next.append(Failure(method, path, status, {"error": {"code": status, "message": told}}, times=3))
    site.apply(resources)
    assert site.plan(resources) == []


def test_whoever_may_not_hand_over_an_account_is_told_the_role_for_it(site: Site) -> None:
    told = {"error": {"code": 403, "message": "Permission 'iam.serviceaccounts.actAs' denied on service account a@b."}}
    site.fake.fail_next.append(Failure("POST", "/metrics$", 403, told))
    with pytest.raises(OmloopError, match=r"--role=roles/iam\.serviceAccountUser It stopped at the metric a\."):
        site.apply((Resource("metric", "a", {"description": "omloop:bike-rides", "filter": "severity>=ERROR"}),))


def test_an_organisation_that_lets_nobody_in_is_told_with_a_way_around_it(site: Site, rides: Service) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    text = "One or more users named in the policy do not belong to a permitted customer."
    told = {"error": {"code": 400, "status": "FAILED_PRECONDITION", "message": text}}
    site.fake.fail_next.append(Failure("POST", "services/bike-rides:setIamPolicy", 400, told))
    with pytest.raises(
        OmloopError, match=r"Your organisation gives nobody .* `invokerIamDisabled: true` into the body"
    ):
        site.apply(resources)
    closed = replace(rides, secrets=(), google=replace(rides.google, secrets="", public=0))
    site.apply(
        tuple(
            replace(one, body={**one.body, "invokerIamDisabled": True}) if one.kind == "service" else one
            for one in wanted(closed)
        )
    )
    assert site.cloud.ask("GET", "run.googleapis.com", SERVICE)["invokerIamDisabled"]


def test_of_a_bucket_only_what_differs_is_sent(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    moved = [replace(one, body={**one.body, "location": "EU", "storageClass": "NEARLINE"})
             for one in resources if one.kind == "bucket"]  # fmt: skip
    site.apply((*moved, *(one for one in resources if one.kind != "bucket")))
    (asked,) = site.fake.asked("PATCH", "/b/rides$")
    assert asked.body == {"storageClass": "NEARLINE"}


def test_what_is_not_there_is_no_reason_to_wait(site: Site) -> None:
    told = {"error": {"code": 404, "message": "Cannot find metric that matches type = x."}}
    site.fake.fail_next.append(Failure("POST", "/alertPolicies$", 404, told, times=9))
    with pytest.raises(OmloopError, match=r"Cannot find metric"):
        site.apply((Resource("alert-policy", "a", {"combiner": "OR", "userLabels": OURS}),))
    assert len(site.fake.asked("POST", "/alertPolicies$")) == 1


def test_an_api_that_was_just_enabled_is_waited_for(site: Site, rides: Service) -> None:
    resources = wanted(replace(rides, secrets=(), google=replace(rides.google, secrets="")))
    site.fake.enabled.discard("run.googleapis.com")
    body = {"error": {"code": 403, "message": "off", "details": [{"reason": "SERVICE_DISABLED"}]}}
    site.fake.fail_next.append(Failure("POST", "/services$", 403, body, times=2))
    site.apply(resources)
    assert site.plan(resources) == []


def test_a_bucket_that_another_project_uses_is_never_removed(site: Site, rides: Service, deliver: Deliver) -> None:
    resources = deliver(rides)
    path = "storage/v1/b/rides/iam"
    policy = site.cloud.ask("GET", "storage.googleapis.com", path)
    accounts, taxi_serve = "v1/projects/rides/serviceAccounts", {"accountId": "taxi-serve", "serviceAccount": {}}
    site.cloud.ask("POST", "iam.googleapis.com", accounts, taxi_serve)
    members = ["serviceAccount:taxi-serve@rides.iam.gserviceaccount.com"]
    taxi = {"role": "roles/storage.objectUser", "members": members}
    site.cloud.ask("PUT", "storage.googleapis.com", path, {**policy, "bindings": [*policy["bindings"], taxi]})
    left = {str(done.change.resource): done.left for done in site.remove(resources) if done.left}
    assert left["bucket rides"].startswith("taxi-serve@rides.iam.gserviceaccount.com uses it. Remove it by hand")
