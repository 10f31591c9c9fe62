"""The fake of Google Cloud refuses what Google's descriptions refuse, and answers as Google does."""

import json
from typing import Any

import httpx
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tests.deploy.google_fake import Failure, GoogleFake

RUN = "run.googleapis.com/v2/projects/rides/locations/europe-west4"
ACCOUNTS = "iam.googleapis.com/v1/projects/rides/serviceAccounts"
CLIENT = httpx.Client()
SERVICE = {"template": {"containers": [{"image": "docker.io/library/nginx"}]}}


def ask(fake: GoogleFake, method: str, address: str, body: Any = None, **headers: str) -> httpx.Response:
    content = None if body is None else json.dumps(body)
    told = {"Authorization": "Bearer ya29.x", "Content-Type": "application/json", **headers}
    url = fake.root.format(host=address.partition("/")[0]) + "/" + address.partition("/")[2]
    return CLIENT.request(
        method, url, content=content, headers=told if body is not None else {**told, "Content-Type": ""}
    )


def made(fake: GoogleFake, address: str, body: Any) -> Any:
    answer = ask(fake, "POST", address, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(fake: GoogleFake, host: str, operation: Any) -> Any:
    for _ in range(5):
        if operation.get("done"):
            return operation
        operation = ask(fake, "GET", f"{host}/{operation['name']}").json()
    raise AssertionError(operation)


def waited(fake: GoogleFake, address: str, body: Any) -> Any:
    return ended(fake, "run.googleapis.com/v2", made(fake, address, body))


def error(answer: httpx.Response) -> tuple[int, str, str]:
    told = answer.json()["error"]
    assert told["code"] == answer.status_code
    return told["code"], told.get("status", ""), told["message"]


def test_a_field_that_no_description_knows_is_refused_by_name(google: GoogleFake) -> None:
    body = {"template": {"containers": [{"image": "x", "cpu": 1}]}}
    code, status, text = error(ask(google, "POST", f"{RUN}/services?serviceId=rides", body))
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert "Unknown name \"cpu\" at 'service.template.containers[0]': Cannot find field." in text


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("service.template", {"ingress": "INGRESS_TRAFFIC_ALL"}),
        ("service.template.containers[0].image", {"template": {"containers": [{"name": "a"}]}}),
        ("service.ingress", SERVICE | {"ingress": "EVERYBODY"}),
        ("service.template.timeout", {"template": {"containers": [{"image": "x"}], "timeout": "5m"}}),
        (
            "service.template.containers[0].env",
            {"template": {"containers": [{"image": "x", "env": [{"name": "PORT"}]}]}},
        ),
    ],
)
def test_what_a_description_asks_for_must_be_there_and_fit(google: GoogleFake, field: str, body: Any) -> None:
    answer = ask(google, "POST", f"{RUN}/services?serviceId=rides", body)
    assert answer.json()["error"]["details"][0]["fieldViolations"][0]["field"] == field


@pytest.mark.parametrize("query", ["serviceID=rides", "serviceId=rides&validateOnly=maybe"])
def test_a_query_is_checked_as_well(google: GoogleFake, query: str) -> None:
    assert ask(google, "POST", f"{RUN}/services?{query}", SERVICE).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "services/rides:go"), ("GET", "wonders"), ("GET", "services?fields=items"), ("GET", "workerPools")],
)
def test_what_no_description_knows_is_told_and_remembered(google: GoogleFake, method: str, path: str) -> None:
    assert ask(google, method, f"{RUN}/{path}").status_code == 501
    assert len(google.unchecked) == 1


def test_a_service_comes_by_an_operation_and_with_what_google_adds(google: GoogleFake) -> None:
    operation = made(google, f"{RUN}/services?serviceId=rides", SERVICE | {"uid": "ignored", "description": ""})
    assert not operation.get("done") and ask(google, "GET", f"{RUN}/services/rides").json()["reconciling"]
    assert ended(google, "run.googleapis.com/v2", operation)["response"]["uri"].startswith("https://rides-")
    service = ask(google, "GET", f"{RUN}/services/rides").json()
    assert service["template"]["timeout"] == "300s" and service["launchStage"] == "GA"
    assert service["template"]["containers"][0]["ports"] == [{"name": "http1", "containerPort": 8080}]
    assert service["uid"] != "ignored" and not {"reconciling", "description"} & service.keys()
    assert error(ask(google, "POST", f"{RUN}/services?serviceId=rides", SERVICE))[1] == "ALREADY_EXISTS"


def test_a_service_whose_image_is_not_there_fails_in_its_operation(google: GoogleFake) -> None:
    image = "europe-west4-docker.pkg.dev/rides/omloop/serve:1"
    body = {"template": {"containers": [{"image": image}]}}
    operation = waited(google, f"{RUN}/services?serviceId=a", body)
    assert operation["error"]["code"] == 5 and "not found" in operation["error"]["message"]
    google.push(image)
    assert "response" in waited(google, f"{RUN}/services?serviceId=b", body)


def test_a_patch_changes_what_its_mask_names_and_a_stale_etag_stops_it(google: GoogleFake) -> None:
    made(google, f"{RUN}/services?serviceId=rides", SERVICE | {"labels": {"a": "1"}, "description": "old"})
    etag = ask(google, "GET", f"{RUN}/services/rides").json()["etag"]
    change = {"description": "new", "etag": etag}
    assert ask(google, "PATCH", f"{RUN}/services/rides?updateMask=description,labels.b", change).status_code == 200
    service = ask(google, "GET", f"{RUN}/services/rides").json()
    assert (service["description"], service["labels"], service["generation"]) == ("new", {"a": "1"}, "2")
    assert error(ask(google, "PATCH", f"{RUN}/services/rides?updateMask=description", change))[:2] == (409, "ABORTED")
    assert error(ask(google, "PATCH", f"{RUN}/services/rides?updateMask=colour", change))[0] == 400


def test_a_list_comes_in_pages(google: GoogleFake) -> None:
    for name in ("rides-a", "rides-b", "rides-c"):
        made(google, ACCOUNTS, {"accountId": name})
    first = ask(google, "GET", f"{ACCOUNTS}?pageSize=100").json()
    rest = ask(google, "GET", f"{ACCOUNTS}?pageToken={first['nextPageToken']}").json()
    emails = [one["email"].partition("@")[0] for one in first["accounts"] + rest["accounts"]]
    assert emails == ["rides-a", "rides-b", "rides-c"] and "nextPageToken" not in rest
    assert ask(google, "GET", f"{ACCOUNTS}?pageToken=mine").status_code == 400


def test_a_policy_is_written_only_over_the_one_that_was_read(google: GoogleFake) -> None:
    project = "cloudresourcemanager.googleapis.com/v3/projects/rides"
    policy = ask(google, "POST", f"{project}:getIamPolicy", {}).json()
    policy["bindings"] = [{"role": "roles/viewer", "members": ["user:bob@example.org"]}]
    assert ask(google, "POST", f"{project}:setIamPolicy", {"policy": policy}).status_code == 200
    assert error(ask(google, "POST", f"{project}:setIamPolicy", {"policy": policy}))[:2] == (409, "ABORTED")
    made(google, ACCOUNTS, {"accountId": "rides-run"})
    email = "rides-run@rides.iam.gserviceaccount.com"
    mine = {"bindings": [{"role": "roles/viewer", "members": [f"serviceAccount:{email}"]}]}
    made(google, f"{project}:setIamPolicy", {"policy": mine})
    assert ask(google, "DELETE", f"{ACCOUNTS}/{email}").status_code == 200
    left = made(google, f"{project}:getIamPolicy", {})["bindings"][0]["members"][0]
    assert left.startswith(f"deleted:serviceAccount:{email}?uid=")
    nobody = {"bindings": [{"role": "roles/viewer", "members": ["serviceAccount:no@rides.iam.gserviceaccount.com"]}]}
    assert "does not exist" in error(ask(google, "POST", f"{project}:setIamPolicy", {"policy": nobody}))[2]


def test_an_api_that_is_off_a_right_that_lacks_and_a_spent_quota_are_told_as_google_tells_them(
    google: GoogleFake,
) -> None:
    google.enabled.remove("run.googleapis.com")
    told = ask(google, "GET", f"{RUN}/services").json()["error"]
    assert told["code"] == 403 and told["details"][0]["reason"] == "SERVICE_DISABLED"
    apis = "serviceusage.googleapis.com/v1/projects/rides/services:batchEnable"
    ended(google, "serviceusage.googleapis.com/v1", made(google, apis, {"serviceIds": ["run.googleapis.com"]}))
    google.permissions = {"run.services.get"}
    told = ask(google, "GET", f"{RUN}/services").json()["error"]
    assert told["details"][0]["metadata"]["permission"] == "run.services.list"
    google.permissions, google.quota = None, {"/run.googleapis.com": "Read requests per minute"}
    assert error(ask(google, "GET", f"{RUN}/services"))[:2] == (429, "RESOURCE_EXHAUSTED")


def test_another_project_and_another_region_are_closed(google: GoogleFake) -> None:
    assert error(ask(google, "GET", f"{RUN}/services".replace("rides", "other")))[0] == 403
    assert error(ask(google, "GET", f"{RUN}/services".replace("west4", "west99")))[0] == 403
    assert (
        ask(google, "GET", "mars-aiplatform.googleapis.com/v1/projects/rides/locations/mars/schedules").status_code
        == 404
    )
    assert ask(google, "GET", f"{RUN}/services", Authorization="").status_code == 401


def test_what_shall_fail_next_fails_as_often_as_asked(google: GoogleFake) -> None:
    google.fail_next = [Failure("GET", "/services$", times=2), Failure("POST", "accounts", None, applied=True)]
    assert [ask(google, "GET", f"{RUN}/services").status_code for _ in range(3)] == [503, 503, 200]
    google.fail_next = [Failure("POST", "serviceAccounts", None, applied=True)]
    with pytest.raises(httpx.TransportError):
        ask(google, "POST", ACCOUNTS, {"accountId": "rides-run"})
    assert error(ask(google, "POST", ACCOUNTS, {"accountId": "rides-run"}))[1] == "ALREADY_EXISTS"
    assert len(google.asked("GET", "services")) == 3


def test_a_bucket_belongs_to_one_project_of_the_world_and_goes_when_it_is_empty(google: GoogleFake) -> None:
    buckets, google.foreign_buckets = "storage.googleapis.com/storage/v1/b", {"theirs"}
    assert error(ask(google, "POST", f"{buckets}?project=rides", {"name": "theirs"}))[0] == 409
    told = ask(google, "GET", f"{buckets}/theirs").json()["error"]
    assert told["code"] == 403 and told["errors"][0]["reason"] == "forbidden"
    made(google, f"{buckets}?project=rides", {"name": "rides-data", "location": "europe-west4"})
    google.objects["rides-data"] = {"a/b.parquet"}
    assert ask(google, "GET", f"{buckets}/rides-data/o?prefix=a").json()["items"][0]["name"] == "a/b.parquet"
    assert error(ask(google, "DELETE", f"{buckets}/rides-data"))[0] == 409
    google.objects.clear()
    assert ask(google, "DELETE", f"{buckets}/rides-data").status_code == 204


def test_a_pool_of_identities_that_went_can_come_back_but_not_anew(google: GoogleFake) -> None:
    pools = "iam.googleapis.com/v1/projects/rides/locations/global/workloadIdentityPools"
    ended(google, "iam.googleapis.com/v1", made(google, f"{pools}?workloadIdentityPoolId=github", {}))
    ended(google, "iam.googleapis.com/v1", ask(google, "DELETE", f"{pools}/github").json())
    assert ask(google, "GET", pools).json() == {}
    assert error(ask(google, "POST", f"{pools}?workloadIdentityPoolId=github", {}))[1] == "ALREADY_EXISTS"
    ended(google, "iam.googleapis.com/v1", ask(google, "POST", f"{pools}/github:undelete", {}).json())
    assert ask(google, "GET", f"{pools}/github").json()["name"].startswith(f"projects/{google.number}/")


def test_an_alert_needs_a_metric_that_is_there(google: GoogleFake) -> None:
    at = "monitoring.googleapis.com/v3/projects/rides/alertPolicies"
    text = 'metric.type="logging.googleapis.com/user/drift" AND resource.type="cloud_run_job"'
    watched = {"filter": text, "comparison": "COMPARISON_GT", "duration": "0s"}
    body = {
        "displayName": "drift",
        "combiner": "OR",
        "conditions": [{"displayName": "d", "conditionThreshold": watched}],
    }
    assert error(ask(google, "POST", at, body))[0] == 404
    made(google, "logging.googleapis.com/v2/projects/rides/metrics", {"name": "drift", "filter": "severity>=ERROR"})
    assert made(google, at, body)["name"].startswith("projects/rides/alertPolicies/1")
    assert len(ask(google, "GET", f'{at}?filter=display_name="drift"').json()["alertPolicies"]) == 1


def test_a_service_reads_a_secret_only_with_the_role_for_it(google: GoogleFake) -> None:
    secret, email = "secretmanager.googleapis.com/v1/projects/rides/secrets", "serve@rides.iam.gserviceaccount.com"
    made(google, f"{secret}?secretId=track", {"replication": {"automatic": {}}})
    made(google, f"{secret}/track:addVersion", {"payload": {"data": "aGVsbG8="}})
    env = [{"name": "OMLOOP_TRACK", "valueSource": {"secretKeyRef": {"secret": "track", "version": "latest"}}}]
    body = {"template": {"serviceAccount": "rides-" + email, "containers": [{"image": "nginx", "env": env}]}}
    assert "actAs" in error(ask(google, "POST", f"{RUN}/services?serviceId=a", body))[2]
    made(google, ACCOUNTS, {"accountId": "rides-serve"})
    assert "Permission denied on secret" in waited(google, f"{RUN}/services?serviceId=a", body)["error"]["message"]
    binding = {"role": "roles/secretmanager.secretAccessor", "members": [f"serviceAccount:rides-{email}"]}
    made(google, f"{secret}/track:setIamPolicy", {"policy": {"bindings": [binding]}})
    assert "response" in waited(google, f"{RUN}/services?serviceId=b", body)


def test_an_operation_fails_when_told_to_and_then_nothing_is_there(google: GoogleFake) -> None:
    at = "artifactregistry.googleapis.com/v1/projects/rides/locations/europe-west4/repositories"
    google.fail_operations = [("repositories/omloop", {"code": 13, "message": "Internal error encountered."})]
    done = ended(
        google, "artifactregistry.googleapis.com/v1", made(google, f"{at}?repositoryId=omloop", {"format": "DOCKER"})
    )
    assert done["error"]["code"] == 13 and ask(google, "GET", f"{at}/omloop").status_code == 404


def test_a_region_is_open_as_long_as_the_fake_says_so(google: GoogleFake) -> None:
    assert ask(google, "GET", f"{RUN}/jobs").status_code == 200
    google.regions = {"run.googleapis.com": {"us-central1"}}
    assert "locations/europe-west4" in error(ask(google, "GET", f"{RUN}/jobs"))[2]


def test_what_is_fixed_at_creation_stays(google: GoogleFake) -> None:
    secrets = "secretmanager.googleapis.com/v1/projects/rides/secrets"
    made(google, f"{secrets}?secretId=track", {"replication": {"automatic": {}}})
    change = {"replication": {"userManaged": {"replicas": [{"location": "europe-west4"}]}}}
    assert "immutable" in error(ask(google, "PATCH", f"{secrets}/track?updateMask=replication", change))[2]
    assert error(ask(google, "PATCH", f"{secrets}/track", {"labels": {"a": "b"}}))[2].startswith("Required parameter")


@pytest.mark.parametrize(
    ("address", "body", "told"),
    [
        (
            "iam.googleapis.com/v1/projects/rides/locations/global/workloadIdentityPools?workloadIdentityPoolId=github",
            {"displayName": "a name of more than thirty-two signs"},
            "of at most 32",
        ),
        (
            "secretmanager.googleapis.com/v1/projects/rides/secrets?secretId=track",
            {"replication": {"automatic": {}}, "labels": {"App": "omloop"}},
            "Invalid label 'App: omloop'",
        ),
        (
            "storage.googleapis.com/storage/v1/b?project=rides",
            {"name": "rides-data", "lifecycle": {"rule": [{"action": {"type": "delete"}, "condition": {"age": 1}}]}},
            "Invalid lifecycle action: delete",
        ),
        (
            f"{RUN}/jobs?jobId=watch",
            {"template": {"template": {"containers": [{"image": "x", "resources": {"limits": {"memory": "1 GB"}}}]}}},
            "resources.limits: invalid quantity",
        ),
        (
            "cloudscheduler.googleapis.com/v1/projects/rides/locations/europe-west4/jobs",
            {"schedule": "often", "httpTarget": {"uri": "https://rides.example.org"}},
            "Schedule or time zone is invalid",
        ),
    ],
)
def test_what_descriptions_say_in_words_is_held_to_as_well(
    google: GoogleFake, address: str, body: Any, told: str
) -> None:
    code, _, text = error(ask(google, "POST", address, body))
    assert code == 400 and told in text


def test_googles_own_client_finds_its_way(google: GoogleFake) -> None:
    place = google.root.format(host="storage.googleapis.com") + "/storage/v1/"
    client = build("storage", "v1", credentials=Credentials("x"), client_options={"api_endpoint": place})
    for name in ("rides-a", "rides-b", "rides-c"):
        client.buckets().insert(project="rides", body={"name": name}).execute()
    asking, names = client.buckets().list(project="rides"), list[str]()
    while asking is not None:
        page = asking.execute()
        names += [one["name"] for one in page["items"]]
        asking = client.buckets().list_next(asking, page)
    assert names == ["rides-a", "rides-b", "rides-c"] and len(google.asked("GET", "/b$")) == 2
    with pytest.raises(HttpError, match="The specified bucket does not exist"):
        client.buckets().get(bucket="rides-d").execute()
