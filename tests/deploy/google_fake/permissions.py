"""Which permission a method asks for: https://cloud.google.com/iam/docs/permissions-reference."""

import re

from tests.deploy.google_fake.describe import Method

VERBS = {
    "patch": "update",
    "insert": "create",
    "batchGet": "get",
    "batchEnable": "enable",
    "wait": "get",
    "resume": "enable",
}
RESOURCES = {
    "artifactregistry": {"dockerImages": "dockerimages"},
    "iam": {"providers": "workloadIdentityPoolProviders"},
    "logging": {"metrics": "logMetrics"},
    "cloudbuild": {"triggers": "builds"},
}
SERVICES = {"cloudresourcemanager": "resourcemanager", "billingbudgets": "billing"}
OTHERS = {
    "secretmanager.projects.secrets.addVersion": "secretmanager.versions.add",
    "cloudbilling.projects.getBillingInfo": "resourcemanager.projects.get",
    "aiplatform.projects.locations.schedules.pause": "aiplatform.schedules.update",
    "aiplatform.projects.locations.schedules.resume": "aiplatform.schedules.update",
}


def permission_of(method: Method) -> str | None:
    """`run.services.create` for the method that creates a service; None where anybody may ask."""
    if method.verb == "testIamPermissions" or (re.search(r"(^|\.)operations\.", method.id) and method.id[:3] != "run"):
        return None
    if method.id in OTHERS:
        return OTHERS[method.id]
    api, *_, resource, verb = method.id.split(".")
    resource = RESOURCES.get(api, {}).get(resource, resource)
    return f"{SERVICES.get(api, api)}.{resource}.{VERBS.get(verb, verb)}"
