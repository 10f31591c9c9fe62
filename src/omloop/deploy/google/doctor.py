"""Checks before a delivery: login, project, billing, services, rights, region, secrets and images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from omloop.core import Diagnosis, OmloopError
from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.kinds import KINDS
from omloop.deploy.google.refusals import grant, role_of
from omloop.deploy.google.resource import Resource

PROJECTS, SECRETS = "cloudresourcemanager.googleapis.com", "secretmanager.googleapis.com"
PERMISSIONS: Mapping[str, Sequence[str]] = {
    "api": ("serviceusage.services.enable", "serviceusage.services.get"),
    "service-account": ("iam.serviceAccounts.create", "iam.serviceAccounts.list", "iam.serviceAccounts.actAs"),
    "bucket": ("storage.buckets.create", "storage.buckets.get", "storage.buckets.setIamPolicy"),
    "repository": ("artifactregistry.repositories.create", "artifactregistry.repositories.get"),
    "secret": ("secretmanager.secrets.create", "secretmanager.secrets.setIamPolicy"),
    "identity-pool": ("iam.workloadIdentityPools.create",),
    "identity-provider": ("iam.workloadIdentityPoolProviders.create",),
    "service": ("run.services.create", "run.services.get", "run.services.setIamPolicy", "run.services.update"),
    "job": ("run.jobs.create", "run.jobs.setIamPolicy", "run.jobs.update"),
    "access": ("resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy"),
    "schedule": ("cloudscheduler.jobs.create", "cloudscheduler.jobs.list"),
    "pipeline-schedule": ("aiplatform.schedules.create", "aiplatform.pipelineJobs.create"),
    "trigger": ("cloudbuild.builds.create",),
    "channel": ("monitoring.notificationChannels.create",),
    "metric": ("logging.logMetrics.create",),
    "alert-policy": ("monitoring.alertPolicies.create",),
}
"""What who applies a delivery must be allowed, by the kinds of its resources."""
_IMAGE = re.compile(
    r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/(?P<package>[^:@]+)"
    r"(:(?P<tag>[^@]+))?(@(?P<digest>.+))?"
)


def examine_cloud(wanted: Sequence[Resource], cloud: GoogleCloud) -> list[Diagnosis]:
    """The findings of all checks, which change nothing; a check that fails is a finding too."""
    looks = (_project, _billing, _apis, _rights, _region, _secrets, _images)
    return [finding for look in looks for finding in _tried(look.__name__.strip("_"), look(wanted, cloud))]


def unmet_needs(wanted: Sequence[Resource], cloud: GoogleCloud) -> list[Diagnosis]:
    """What must be there before anything of the delivery can run: images, and the values of secrets."""
    return [one for look in (_secrets, _images) for one in look(wanted, cloud) if one.state != "ok"]


def _tried(what: str, findings: Iterator[Diagnosis]) -> Iterator[Diagnosis]:
    try:
        yield from findings
    except OmloopError as error:
        yield Diagnosis(what, "broken", str(error))


def _project(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    found = cloud.ask("GET", PROJECTS, f"v1/projects/{cloud.project}")
    if found.get("lifecycleState") != "ACTIVE":
        again = f"gcloud projects undelete {cloud.project}"
        yield Diagnosis("project", "broken", f"{cloud.project} is being deleted", again)
    else:
        yield Diagnosis("project", "ok", f"{cloud.project}, number {found['projectNumber']}")


def _billing(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    found = cloud.find("cloudbilling.googleapis.com", f"v1/projects/{cloud.project}/billingInfo")
    if found is None:
        yield Diagnosis("billing", "missing", "cannot be seen", "gcloud services enable cloudbilling.googleapis.com")
    elif found.get("billingEnabled"):
        yield Diagnosis("billing", "ok", str(found.get("billingAccountName", "")).rpartition("/")[2])
    else:
        link = f"gcloud billing projects link {cloud.project} --billing-account=ACCOUNT"
        yield Diagnosis("billing", "broken", f"no account pays for {cloud.project}", link)


def _apis(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    for name in (one.name for one in wanted if one.kind == "api"):
        if KINDS["api"].read(cloud, name) is not None:
            yield Diagnosis(name, "ok", "on")
        else:
            command = f"gcloud services enable {name} --project={cloud.project}"
            yield Diagnosis(name, "missing", "off", f"{command}, or omloop deploy apply")


def _rights(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    needed = sorted({right for one in wanted for right in PERMISSIONS.get(one.kind, ())})
    path = f"v1/projects/{cloud.project}:testIamPermissions"
    granted = cloud.ask("POST", PROJECTS, path, {"permissions": needed}).get("permissions", [])
    if lacking := sorted(set(needed) - set(granted)):
        for role in sorted({role_of(right) for right in lacking}):
            rights = [right for right in lacking if role_of(right) == role]
            yield Diagnosis("rights", "broken", f"you may not {', '.join(rights)}", grant(role, cloud.project))
    else:
        yield Diagnosis("rights", "ok", f"all {len(needed)} that are needed")


def _region(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    where = {"run": ("v2", cloud.region, "services")}
    if any(one.kind == "schedule" for one in wanted):
        where["cloudscheduler"] = ("v1", cloud.location("scheduler"), "jobs")
    for service, (version, region, what) in where.items():
        path = f"{version}/projects/{cloud.project}/locations/{region}/{what}"
        if cloud.find(f"{service}.googleapis.com", path) is not None:
            yield Diagnosis("region", "ok", f"{service} is in {region}")


def _secrets(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    for name in (one.name for one in wanted if one.kind == "secret"):
        versions = cloud.every(SECRETS, f"v1/projects/{cloud.project}/secrets/{name}/versions", "versions")
        if any(one.get("state") == "ENABLED" for one in versions):
            yield Diagnosis(f"secret {name}", "ok", "a value")
        else:
            give = f"gcloud secrets versions add {name} --data-file=FILE --project={cloud.project}"
            yield Diagnosis(f"secret {name}", "missing", "no value", give)


def _images(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Diagnosis]:
    for image in images_of(wanted):
        if _is_there(image, cloud):
            yield Diagnosis(f"image {image}", "ok", "an image")
        else:
            step = "push to main, or build it as the first lines of cloudbuild.yaml say"
            yield Diagnosis(f"image {image}", "missing", "no image", step)


def images_of(wanted: Sequence[Resource]) -> list[str]:
    """Images of services and jobs that lie in Artifact Registry, but for the side-car, which is Google's."""
    found = set()
    for one in wanted:
        template = one.body.get("template", {})
        containers = (template.get("template") or template).get("containers", ())
        found |= {str(container["image"]) for container in (*containers, *_executors(one))}
    return sorted(one for one in found if _IMAGE.fullmatch(one) and "/cloud-ops-agents-artifacts/" not in one)


def _executors(one: Resource) -> list[Mapping[str, str]]:
    """Containers of a pipeline's steps."""
    if one.kind != "pipeline-schedule":
        return []
    spec = one.body["createPipelineJobRequest"]["pipelineJob"]["pipelineSpec"]
    return [executor["container"] for executor in spec["deploymentSpec"]["executors"].values()]


def _is_there(image: str, cloud: GoogleCloud) -> bool:
    found = _IMAGE.fullmatch(image)
    if found is None:
        return True  # another registry's, which is not asked
    path = "v1/projects/{project}/locations/{location}/repositories/{repository}".format(**found.groupdict())
    part = f"versions/{found['digest']}" if found["digest"] else f"tags/{found['tag'] or 'latest'}"
    package = quote(found["package"], safe="")
    return cloud.find("artifactregistry.googleapis.com", f"{path}/packages/{package}/{part}") is not None
