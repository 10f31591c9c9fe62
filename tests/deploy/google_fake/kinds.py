"""The collections that the fake keeps, and what each API adds to them or refuses beyond its description."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from tests.deploy.google_fake.cloud import Cloud, Kind
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.monitoring import CHANNELS, METRICS, POLICIES
from tests.deploy.google_fake.operations import Call, now
from tests.deploy.google_fake.run import job as run_job
from tests.deploy.google_fake.run import service as run_service
from tests.deploy.google_fake.schemas import root_of
from tests.deploy.google_fake.storage import BUCKETS

_NAME = r"[a-z]([a-z0-9-]{0,%d}[a-z0-9])?"
_RUN = "Resource '{id}' of kind '%s' in region '{location}' in project '{project}' does not exist."
_POOL = r"(?!gcp-)[a-z0-9-]{4,32}"
_CRON = re.compile(r"(CRON_TZ=\S+ |TZ=\S+ )?[\d*/,A-Za-z-]+( [\d*/,A-Za-z-]+){4}|every .+")


def _scheduled(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    """A job of Cloud Scheduler."""
    targets = {"httpTarget", "pubsubTarget", "appEngineHttpTarget"} & body.keys()
    if len(targets) != 1:
        raise bad(("job.target", "Job must have exactly one target."))
    if not _CRON.fullmatch(body["schedule"]) or not _zone(body.get("timeZone", "UTC")):
        raise Refused(400, "Schedule or time zone is invalid.")
    if target := body.get("httpTarget"):
        _called(cloud, target)
        body.setdefault("attemptDeadline", "180s")
    retries = {"maxRetryDuration": "0s", "minBackoffDuration": "5s", "maxBackoffDuration": "3600s", "maxDoublings": 5}
    body["retryConfig"] = {**retries, **body.get("retryConfig", {})}
    body.setdefault("timeZone", "Etc/UTC")
    body |= {"state": (old or {}).get("state", "ENABLED"), "userUpdateTime": now(), "scheduleTime": now()}


def _zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _called(cloud: Cloud, target: Body) -> None:
    if not re.match(r"https?://.", target["uri"]):
        raise bad(("job.http_target.uri", "HttpTarget.uri must begin with http:// or https://."))
    target.setdefault("httpMethod", "POST")
    target["headers"] = {**target.get("headers", {}), "User-Agent": "Google-Cloud-Scheduler"}
    for token in (target.get("oidcToken"), target.get("oauthToken")):
        email = (token or {}).get("serviceAccountEmail", "")
        mine = email.endswith(f"@{cloud.project}.iam.gserviceaccount.com")
        if token and (not cloud.allowed("iam.serviceAccounts.actAs") or (mine and not cloud.account(email))):
            raise Refused(
                403,
                'The principal (user or service account) lacks IAM permission "iam.serviceAccounts.actAs" '
                f'for the resource "{email}" (or the resource may not exist).',
            )
    if token := target.get("oidcToken"):
        token.setdefault("audience", target["uri"])
    if token := target.get("oauthToken"):
        token.setdefault("scope", "https://www.googleapis.com/auth/cloud-platform")


def _repository(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    if body.get("format", "FORMAT_UNSPECIFIED") == "FORMAT_UNSPECIFIED":
        raise bad(("repository.format", "Repository format must be specified."))
    if old and old["format"] != body["format"]:
        raise bad(("repository.format", "Repository format can not be changed."))
    body.setdefault("mode", "STANDARD_REPOSITORY")
    body["registryUri"] = f"{call.location}-docker.pkg.dev/{cloud.project}/{body['name'].rpartition('/')[2]}"


def _secret(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    if len(body.get("replication", {})) != 1:
        raise bad(("secret.replication", "Exactly one replication policy, automatic or user-managed, must be given."))


def _pool(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    body["state"] = (old or {}).get("state", "ACTIVE")


def _provider(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    pool = cloud.find("iam.projects.locations.workloadIdentityPools", body["name"].partition("/providers/")[0])
    if pool is None or pool["state"] == "DELETED":
        raise Refused(404, "Requested entity was not found.")
    if len({"oidc", "aws", "saml", "x509"} & body.keys()) != 1:
        raise bad(("workload_identity_pool_provider", "Exactly one kind of provider must be given."))
    if "oidc" in body:
        if not body["oidc"]["issuerUri"].startswith("https://"):
            raise bad(("workload_identity_pool_provider.oidc.issuer_uri", "The issuer must be an HTTPS address."))
        if "google.subject" not in body.get("attributeMapping", {}):
            raise Refused(400, "The attribute mapping must include google.subject.")
        _condition(body)
    body["state"] = (old or {}).get("state", "ACTIVE")


def _condition(body: Body) -> None:
    """Issuers that many tenants share need a condition; one may only speak of claims that the mapping names."""
    shared = body["oidc"]["issuerUri"] == "https://token.actions.githubusercontent.com"
    text = body.get("attributeCondition", "")
    if shared and not re.search(r"assertion\.|attribute\.|google\.", text):
        raise Refused(400, "The attribute condition must reference one of the provider's claims.")
    for name in re.findall(r"attribute\.(\w+)", text):
        if f"attribute.{name}" not in body["attributeMapping"]:
            raise Refused(400, f"The attribute condition speaks of attribute.{name}, which is not mapped.")


def _budget(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    amount = body["amount"]
    if len({"specifiedAmount", "lastPeriodAmount"} & amount.keys()) != 1:
        raise Refused(400, "Exactly one of specified_amount and last_period_amount must be set.")
    kept = body.setdefault("budgetFilter", {})
    kept.setdefault("creditTypesTreatment", "INCLUDE_ALL_CREDITS")
    if not {"customPeriod", "calendarPeriod"} & kept.keys():
        kept["calendarPeriod"] = "MONTH"
    kept["projects"] = [
        one.replace(f"projects/{cloud.project}", f"projects/{cloud.number}") for one in kept.get("projects", ())
    ]
    _heard(cloud, body.get("notificationsRule", {}))
    for rule in body.get("thresholdRules", ()):
        rule.setdefault("spendBasis", "CURRENT_SPEND")


def _heard(cloud: Cloud, rule: Body) -> None:
    """Who hears of a budget: at most five channels, of mail alone, that are there."""
    names = rule.get("monitoringNotificationChannels", ())
    channels = [cloud.find("monitoring.projects.notificationChannels", one) for one in names]
    if len(names) > 5 or any(one is None or one["type"] != "email" for one in channels):
        raise Refused(400, "Budgets take at most five notification channels, which must be there and be of mail.")
    if rule.get("pubsubTopic") and rule.get("schemaVersion") != "1.0":
        raise Refused(400, "NotificationsRule.schema_version must be 1.0 where there is a topic.")


def _trigger(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    for (kind, _), one in cloud.resources.items():
        if old is None and kind == call.method.collection and body.get("name") == one["name"]:
            raise Refused(409, f"a trigger with the name {body['name']} already exists")
    if not {"build", "filename", "gitFileSource", "autodetect"} & body.keys():
        raise Refused(400, "build config must be given: one of build, filename and git_file_source")
    body["id"] = call.target.rpartition("/")[2]
    body.setdefault("name", f"trigger-{cloud.fresh()}")
    body["resourceName"] = f"projects/{cloud.project}/locations/{call.location}/triggers/{body['id']}"


def _begun(states: str) -> Callable[[Cloud, Call, Body, Body | None], None]:
    def complete(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
        body["state"] = (old or {}).get("state", states)
        _acts(cloud, body)
        if root_of(call.method.request or "") == "schedule":
            _timed(cloud, call, body)

    return complete


def _acts(cloud: Cloud, body: Body) -> None:
    """Whom a job of Vertex AI runs as must be there, and the caller must be allowed to let it."""
    pipeline = body.get("createPipelineJobRequest", {}).get("pipelineJob", body)
    email = pipeline.get("serviceAccount") or body.get("jobSpec", {}).get("serviceAccount", "")
    mine = email.endswith(f"@{cloud.project}.iam.gserviceaccount.com")
    if email and (not cloud.allowed("iam.serviceAccounts.actAs") or (mine and not cloud.account(email))):
        text = f"You do not have permission to act as service_account: {email}. (or it may not exist)."
        raise Refused(400, text)


def _timed(cloud: Cloud, call: Call, body: Body) -> None:
    if not _CRON.fullmatch(body.get("cron", "")):
        raise Refused(400, "List of found errors:\t1.Field: schedule.cron; Message: Invalid cron expression.\t")
    if not {"createPipelineJobRequest", "createNotebookExecutionJobRequest"} & body.keys():
        raise Refused(400, "List of found errors:\t1.Field: schedule.request; Message: Required field is not set.\t")
    body |= {"nextRunTime": now(), "startTime": body.get("startTime", now()), "startedRunCount": "0"}


KINDS = {
    "run.projects.locations.services": Kind(
        "GoogleCloudRunV2Service",
        "services",
        "query:serviceId",
        _NAME % 47,
        complete=run_service,
        absent=_RUN % "SERVICE",
        taken="Resource '{id}' already exists.",
    ),
    "run.projects.locations.jobs": Kind(
        "GoogleCloudRunV2Job",
        "jobs",
        "query:jobId",
        _NAME % 61,
        complete=run_job,
        absent=_RUN % "JOB",
        taken="Resource '{id}' already exists.",
    ),
    "cloudscheduler.projects.locations.jobs": Kind(
        "Job",
        "jobs",
        "body:name",
        r"[A-Za-z0-9_-]{1,500}",
        complete=_scheduled,
        absent="Job not found.",
        taken="Job {name} already exists.",
    ),
    "artifactregistry.projects.locations.repositories": Kind(
        "Repository",
        "repositories",
        "query:repositoryId",
        _NAME % 61,
        complete=_repository,
        taken="the repository already exists",
    ),
    "artifactregistry.projects.locations.repositories.packages": Kind("Package", "packages"),
    "artifactregistry.projects.locations.repositories.packages.versions": Kind("Version", "versions"),
    "artifactregistry.projects.locations.repositories.packages.tags": Kind("Tag", "tags"),
    "artifactregistry.projects.locations.repositories.dockerImages": Kind("DockerImage", "dockerImages"),
    "secretmanager.projects.secrets": Kind(
        "Secret",
        "secrets",
        "query:secretId",
        r"[A-Za-z0-9_-]{1,255}",
        complete=_secret,
        absent="Secret [projects/{number}/secrets/{id}] not found.",
        taken="Secret [projects/{number}/secrets/{id}] already exists.",
    ),
    "secretmanager.projects.secrets.versions": Kind("SecretVersion", "versions"),
    "iam.projects.serviceAccounts": Kind("ServiceAccount", "serviceAccounts", absent="Unknown service account"),
    "iam.projects.locations.workloadIdentityPools": Kind(
        "WorkloadIdentityPool",
        "workloadIdentityPools",
        "query:workloadIdentityPoolId",
        _POOL,
        soft=True,
        complete=_pool,
    ),
    "iam.projects.locations.workloadIdentityPools.providers": Kind(
        "WorkloadIdentityPoolProvider",
        "providers",
        "query:workloadIdentityPoolProviderId",
        _POOL,
        soft=True,
        complete=_provider,
    ),
    "storage.buckets": BUCKETS,
    "monitoring.projects.alertPolicies": POLICIES,
    "monitoring.projects.notificationChannels": CHANNELS,
    "logging.projects.metrics": METRICS,
    "billingbudgets.billingAccounts.budgets": Kind(
        "GoogleCloudBillingBudgetsV1Budget",
        "budgets",
        complete=_budget,
    ),
    "cloudbuild.projects.triggers": Kind("BuildTrigger", "triggers", full_name=False, complete=_trigger),
    "cloudbuild.projects.locations.triggers": Kind("BuildTrigger", "triggers", full_name=False, complete=_trigger),
    "aiplatform.projects.locations.schedules": Kind(
        "GoogleCloudAiplatformV1Schedule",
        "schedules",
        numeric=True,
        complete=_begun("ACTIVE"),
    ),
    "aiplatform.projects.locations.pipelineJobs": Kind(
        "GoogleCloudAiplatformV1PipelineJob",
        "pipelineJobs",
        "query:pipelineJobId",
        r"[a-z0-9-]{1,127}",
        numeric=True,
        complete=_begun("PIPELINE_STATE_PENDING"),
    ),
    "aiplatform.projects.locations.customJobs": Kind(
        "GoogleCloudAiplatformV1CustomJob",
        "customJobs",
        numeric=True,
        complete=_begun("JOB_STATE_PENDING"),
    ),
}
READ_ONLY = ("packages", "versions", "tags", "dockerImages")  # what the fake lets callers look at alone


def push(cloud: Cloud, image: str, digest: str = "sha256:" + "0" * 64) -> None:
    """What is there after a push to `REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG`."""
    region, project, repository, name, tag = re.fullmatch(  # type: ignore[union-attr]
        r"([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/([^:@]+):(.+)", image
    ).groups()
    at = f"projects/{project}/locations/{region}/repositories/{repository}"
    package, kind = f"{at}/packages/{name.replace('/', '%2F')}", "artifactregistry.projects.locations.repositories"
    version = f"{package}/versions/{digest}"
    stamps: dict[str, Any] = {"createTime": now(), "updateTime": now()}
    cloud.resources[f"{kind}.packages", package] = {"name": package, **stamps}
    cloud.resources[f"{kind}.packages.versions", version] = {"name": version, **stamps}
    cloud.resources[f"{kind}.packages.tags", f"{package}/tags/{tag}"] = {
        "name": f"{package}/tags/{tag}",
        "version": version,
    }
    told = f"{at}/dockerImages/{name.replace('/', '%2F')}@{digest}"
    known = cloud.resources.get((f"{kind}.dockerImages", told), {}).get("tags", [])
    cloud.resources[f"{kind}.dockerImages", told] = {
        "name": told,
        "uri": f"{image.rpartition(':')[0]}@{digest}",
        "tags": sorted({*known, tag}),
        "uploadTime": now(),
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "imageSizeBytes": "123456789",
    }
