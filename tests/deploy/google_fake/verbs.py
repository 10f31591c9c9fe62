"""Which method of which API does what. A method that stands in no table here is answered by nobody."""

import re
from collections.abc import Callable
from typing import Any

from tests.deploy.google_fake.accounts import account_state, create_account, delete_account, patch_account
from tests.deploy.google_fake.cloud import Cloud
from tests.deploy.google_fake.describe import DOCUMENTS, document, known_services
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.kinds import KINDS, READ_ONLY
from tests.deploy.google_fake.monitoring import delete_channel, put_metric
from tests.deploy.google_fake.operations import Call
from tests.deploy.google_fake.permissions import permission_of
from tests.deploy.google_fake.policies import get_policy, granted_permissions, set_policy
from tests.deploy.google_fake.secrets import access_version, add_version, get_version, version_state
from tests.deploy.google_fake.storage import (
    delete_bucket,
    delete_object,
    list_buckets,
    list_objects,
    not_foreign,
    patch_bucket,
)

Verb = Callable[[Cloud, Call], Body]
# Verbs of every collection in KINDS; policies are answered for the collections whose document has them.
USUAL = {
    "get": Cloud.get,
    "list": Cloud.listing,
    "create": Cloud.create,
    "insert": Cloud.create,
    "patch": Cloud.patch,
    "delete": Cloud.delete,
    "undelete": Cloud.undelete,
}
_OPERATIONS = re.compile(r"(.*\.)?operations\.(get|wait|list)")


def answer(cloud: Cloud, call: Call) -> Body:
    """What Google answers; Refused with 501 where the fake does not know."""
    method, kind = call.method, KINDS.get(call.method.collection)
    if method.collection == "storage.buckets":
        not_foreign(cloud, call, permission_of(method))
    if method.id in SPECIAL:
        return SPECIAL[method.id](cloud, call)
    if method.verb in POLICIES and (kind or method.collection == "cloudresourcemanager.projects"):
        return POLICIES[method.verb](cloud, call)
    if found := _OPERATIONS.fullmatch(method.id.partition(".")[2]):
        return _operation(cloud, call, found[2])
    if kind is None or method.verb not in USUAL or (kind.segment in READ_ONLY and method.verb not in ("get", "list")):
        raise Refused(501, f"The fake does not know the method {method.id}")
    if kind.soft is False and method.verb == "undelete":
        raise Refused(501, f"The fake does not know the method {method.id}")
    return USUAL[method.verb](cloud, kind, call)


def _operation(cloud: Cloud, call: Call, verb: str) -> Body:
    if verb == "list":
        raise Refused(501, "The fake lists no operations")
    return cloud.look(call.path, wait=verb == "wait")


POLICIES: dict[str, Verb] = {
    "getIamPolicy": get_policy,
    "setIamPolicy": set_policy,
    "testIamPermissions": granted_permissions,
}


# Jobs and schedules that run, pause and go on.


def _run_job(cloud: Cloud, call: Call) -> Body:
    job = cloud.find("run.projects.locations.jobs", call.path)
    if job is None:
        raise Refused(404, f"Resource '{call.path.rpartition('/')[2]}' of kind 'JOB' does not exist.")
    job["executionCount"] = job.get("executionCount", 0) + 1
    name = f"{cloud.named(call.path)}/executions/{call.path.rpartition('/')[2]}-{cloud.fresh():05}"
    return cloud.operation(call, name, lambda: {"name": name, "taskCount": 1, "succeededCount": 1})


def _state(state: str, *, nothing: bool = False) -> Verb:
    def change(cloud: Cloud, call: Call) -> Body:
        found = cloud.find(call.method.collection, call.path)
        if found is None:
            raise Refused(404, "Requested entity was not found.")
        found["state"] = state or found["state"]
        return {} if nothing else cloud.shown(call.method, found)

    return change


# The project, its billing and its APIs.


def _project(cloud: Cloud, call: Call) -> Body:
    if call.method.document.endswith("v1"):
        return {
            "projectNumber": cloud.number,
            "projectId": cloud.project,
            "lifecycleState": "ACTIVE",
            "name": cloud.project,
            "createTime": "2025-01-01T00:00:00Z",
        }
    return {
        "name": f"projects/{cloud.number}",
        "projectId": cloud.project,
        "state": "ACTIVE",
        "etag": 'W/"a1b2"',
        "displayName": cloud.project,
        "createTime": "2025-01-01T00:00:00Z",
    }


def _billing(cloud: Cloud, call: Call) -> Body:
    told: Body = {"name": f"projects/{cloud.project}/billingInfo", "projectId": cloud.project}
    if cloud.billing:
        told |= {"billingAccountName": cloud.billing, "billingEnabled": True}
    return told


def _api(cloud: Cloud, host: str) -> Body:
    if host not in known_services():
        raise Refused(403, f"Not found or permission denied for service(s): {host}.")
    title = document(DOCUMENTS[host][0])["title"] if host in DOCUMENTS else host
    return {
        "name": f"projects/{cloud.number}/services/{host}",
        "parent": f"projects/{cloud.number}",
        "state": "ENABLED" if host in cloud.enabled else "DISABLED",
        "config": {"name": host, "title": title},
    }


def _get_api(cloud: Cloud, call: Call) -> Body:
    return _api(cloud, call.names["servicesId"])


def _get_apis(cloud: Cloud, call: Call) -> Body:
    names = call.query.get("names", [])
    if not 0 < len(names) <= 30:
        raise bad(("names", "Between 1 and 30 services can be asked for at once."))
    at = f"{call.path.removesuffix('/services')}/services/"
    if any(not cloud.named(one).startswith(cloud.named(at)) for one in names):
        raise bad(("names", "The parent of all services must be the parent of the request."))
    return {"services": [_api(cloud, one.rpartition("/")[2]) for one in names]}


def _enable(cloud: Cloud, call: Call) -> Body:
    one = call.names.get("servicesId")
    hosts: list[Any] = [one] if one else call.body.get("serviceIds", [])
    if not 0 < len(hosts) <= 20:
        raise bad(("service_ids", "Between 1 and 20 services can be enabled at once."))
    if unknown := [host for host in hosts if host not in known_services()]:
        raise Refused(403, f"Not found or permission denied for service(s): {', '.join(unknown)}.")
    if cloud.billing is None:
        text = (
            f"Billing account for project '{cloud.number}' is not found. Billing must be enabled for activation of "
            f"service(s) '{','.join(hosts)}' to proceed."
        )
        raise Refused(400, text, status="FAILED_PRECONDITION")

    def told() -> Body:
        key: Body = {"service": _api(cloud, hosts[0])} if one else {"services": [_api(cloud, host) for host in hosts]}
        return key

    if set(hosts) <= cloud.enabled:
        return {
            "name": "operations/noop.DONE_OPERATION",
            "done": True,
            "response": {
                "@type": "type.googleapis.com/google.api.serviceusage.v1.BatchEnableServicesResponse",
                **told(),
            },
        }
    return cloud.operation(call, "", told, lambda: cloud.enabled.update(hosts))


SPECIAL: dict[str, Verb] = {
    "secretmanager.projects.secrets.addVersion": add_version,
    "secretmanager.projects.secrets.versions.get": get_version,
    "secretmanager.projects.secrets.versions.access": access_version,
    "secretmanager.projects.secrets.versions.destroy": version_state("DESTROYED"),
    "secretmanager.projects.secrets.versions.disable": version_state("DISABLED"),
    "secretmanager.projects.secrets.versions.enable": version_state("ENABLED"),
    "iam.projects.serviceAccounts.create": create_account,
    "iam.projects.serviceAccounts.patch": patch_account,
    "iam.projects.serviceAccounts.delete": delete_account,
    "iam.projects.serviceAccounts.disable": account_state(True),
    "iam.projects.serviceAccounts.enable": account_state(False),
    "storage.buckets.list": list_buckets,
    "storage.buckets.patch": patch_bucket,
    "storage.buckets.delete": delete_bucket,
    "storage.objects.list": list_objects,
    "storage.objects.delete": delete_object,
    "run.projects.locations.jobs.run": _run_job,
    "cloudscheduler.projects.locations.jobs.pause": _state("PAUSED"),
    "cloudscheduler.projects.locations.jobs.resume": _state("ENABLED"),
    "cloudscheduler.projects.locations.jobs.run": _state(""),
    "aiplatform.projects.locations.schedules.pause": _state("PAUSED", nothing=True),
    "aiplatform.projects.locations.schedules.resume": _state("ACTIVE", nothing=True),
    "aiplatform.projects.locations.customJobs.cancel": _state("JOB_STATE_CANCELLED", nothing=True),
    "aiplatform.projects.locations.pipelineJobs.cancel": _state("PIPELINE_STATE_CANCELLED", nothing=True),
    "monitoring.projects.notificationChannels.delete": delete_channel,
    "logging.projects.metrics.update": put_metric,
    "cloudresourcemanager.projects.get": _project,
    "cloudbilling.projects.getBillingInfo": _billing,
    "serviceusage.services.get": _get_api,
    "serviceusage.services.batchGet": _get_apis,
    "serviceusage.services.batchEnable": _enable,
    "serviceusage.services.enable": _enable,
}
