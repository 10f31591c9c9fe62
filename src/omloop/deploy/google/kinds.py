"""The kinds of resources: how Google Cloud makes, shows, changes and removes each of them.

The table is in the order of creation; omloop removes resources in the opposite order.
"""

from __future__ import annotations

from collections.abc import Mapping

from omloop.deploy.google.access import Access
from omloop.deploy.google.api import Api
from omloop.deploy.google.collection import BY_LABEL, BY_USER_LABEL, Bucket, Collection, Pool, Repository, Service
from omloop.deploy.google.kind import Kind

ACCOUNT = "{name}@{project}.iam.gserviceaccount.com"
REGION = "projects/{project}/locations/{region}"
GLOBAL = "projects/{project}/locations/global"

KINDS: Mapping[str, Kind] = {
    "api": Api(),
    "service-account": Collection(
        "iam.googleapis.com",
        "v1/projects/{project}/serviceAccounts",
        "accounts",
        at=ACCOUNT,
        id_in_body="accountId",
        wrapped="serviceAccount",
        masked="updateMask",
    ),
    "bucket": Bucket(
        "storage.googleapis.com", "storage/v1/b", "items", id_in_body="name", mark=BY_LABEL, project_in_query="project"
    ),
    "repository": Repository(
        "artifactregistry.googleapis.com",
        "v1/projects/{project}/locations/{registry}/repositories",
        "repositories",
        id_in_query="repositoryId",
        mark=BY_LABEL,
        masked="updateMask",
    ),
    "secret": Collection(
        "secretmanager.googleapis.com",
        "v1/projects/{project}/secrets",
        "secrets",
        id_in_query="secretId",
        mark=BY_LABEL,
        masked="updateMask",
        fixed=("replication",),
    ),
    "identity-pool": Pool(
        "iam.googleapis.com",
        f"v1/{GLOBAL}/workloadIdentityPools",
        "workloadIdentityPools",
        id_in_query="workloadIdentityPoolId",
        masked="updateMask",
    ),
    "identity-provider": Pool(
        "iam.googleapis.com",
        f"v1/{GLOBAL}/workloadIdentityPools/{{parent}}/providers",
        "workloadIdentityPoolProviders",
        id_in_query="workloadIdentityPoolProviderId",
        masked="updateMask",
        mark=None,
    ),
    "service": Service(
        "run.googleapis.com",
        f"v2/{REGION}/services",
        "services",
        id_in_query="serviceId",
        mark=BY_LABEL,
        kept=("traffic", "client", "clientVersion"),
    ),
    "job": Collection("run.googleapis.com", f"v2/{REGION}/jobs", "jobs", id_in_query="jobId", mark=BY_LABEL),
    "access": Access(),
    "schedule": Collection(
        "cloudscheduler.googleapis.com",
        "v1/projects/{project}/locations/{scheduler}/jobs",
        "jobs",
        id_in_body="name",
        full_id=True,
        masked="updateMask",
    ),
    "pipeline-schedule": Collection(
        "{region}-aiplatform.googleapis.com",
        f"v1/{REGION}/schedules",
        "schedules",
        named_by="displayName",
        masked="updateMask",
        mark=("createPipelineJobRequest", "pipelineJob", "labels"),
    ),
    "trigger": Collection(
        "cloudbuild.googleapis.com", f"v1/{REGION}/triggers", "triggers", named_by="name", project_in_query="projectId"
    ),
    "channel": Collection(
        "monitoring.googleapis.com",
        "v3/projects/{project}/notificationChannels",
        "notificationChannels",
        named_by="displayName",
        mark=BY_USER_LABEL,
        masked="updateMask",
    ),
    "metric": Collection(
        "logging.googleapis.com", "v2/projects/{project}/metrics", "metrics", id_in_body="name", update="PUT"
    ),
    "alert-policy": Collection(
        "monitoring.googleapis.com",
        "v3/projects/{project}/alertPolicies",
        "alertPolicies",
        named_by="displayName",
        mark=BY_USER_LABEL,
        masked="updateMask",
    ),
    "budget": Collection(
        "billingbudgets.googleapis.com",
        "v1/billingAccounts/{billing}/budgets",
        "budgets",
        named_by="displayName",
        masked="updateMask",
        mark=("displayName",),
    ),
}
"""Every kind by its name in a file."""
