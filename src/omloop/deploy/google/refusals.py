"""Refusals of Google Cloud, in one line: the request, the reason, and the command that helps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from omloop.core import OmloopError, without_secrets

ROLES: Mapping[str, str] = {
    "aiplatform": "roles/aiplatform.admin",
    "artifactregistry": "roles/artifactregistry.admin",
    "billing": "roles/billing.costsManager",
    "cloudbuild": "roles/cloudbuild.builds.editor",
    "cloudscheduler": "roles/cloudscheduler.admin",
    "iam.serviceAccounts": "roles/iam.serviceAccountAdmin",
    "iam.serviceAccounts.actAs": "roles/iam.serviceAccountUser",
    "iam.workloadIdentityPool": "roles/iam.workloadIdentityPoolAdmin",
    "logging": "roles/logging.configWriter",
    "monitoring": "roles/monitoring.editor",
    "resourcemanager": "roles/resourcemanager.projectIamAdmin",
    "run": "roles/run.admin",
    "secretmanager": "roles/secretmanager.admin",
    "serviceusage": "roles/serviceusage.serviceUsageAdmin",
    "storage": "roles/storage.admin",
}
"""How a permission begins, and a role that has it: https://docs.cloud.google.com/iam/docs/roles-permissions."""
_NOWHERE = re.compile(
    r"\blocation\b.*(not found|not supported|invalid|unsupported|not a valid)"
    r"|not available in (the )?(region|location)|denied on 'locations/",
    re.IGNORECASE,
)
_UNKNOWN_YET = re.compile(
    r"service account .* does not exist|cannot find metric|actAs.* \(or (it|the resource) may not exist\)",
    re.IGNORECASE,
)
_OUTSIDERS = (
    "Your organisation gives nobody outside of it a role. For a public server write `invokerIamDisabled: true` "
    "into the body of the service in server.yaml, and set [google] public = 0."
)
"""What helps against the constraint iam.allowedPolicyMemberDomains, which new organisations have."""
LOGIN = "gcloud auth application-default login"


class CloudError(OmloopError):
    """Google Cloud refuses something.

    `status` is that of HTTP. An error that `lasts` does not pass, although its status suggests so. `is_off` says that
    the API is off, and `is_nowhere` that the region does not have it: nothing can be there then. `said` is what Google
    said where the message does not repeat it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        is_off: bool = False,
        is_nowhere: bool = False,
        lasts: bool = False,
        said: str = "",
    ) -> None:
        super().__init__(message)
        self.status, self.is_off, self.is_nowhere, self.lasts = status, is_off, is_nowhere, lasts
        self.said = said or message

    @property
    def may_settle(self) -> bool:
        """Whether a service may just not know yet of something that omloop made a moment ago.

        Google's services tell each other of new accounts, metrics and enabled APIs within minutes:
        https://docs.cloud.google.com/iam/docs/access-change-propagation.
        """
        return self.is_off or bool(self.status in (400, 403, 404) and _UNKNOWN_YET.search(self.said))


def no_credentials() -> OmloopError:
    """The error for a missing or an outdated login."""
    return OmloopError(
        f"Nobody is logged in to Google Cloud here. Log in: {LOGIN}; or name the file of a service account in the "
        "variable GOOGLE_APPLICATION_CREDENTIALS."
    )


def explain(status: int, content: bytes, *, host: str, project: str, path: str) -> CloudError:
    """The error for an answer of HTTP status 400 and above."""
    error = _body(content)
    region = path.partition("/locations/")[2].partition("/")[0] or "that region"
    said = sentence(str(error.get("message", "")))
    reasons = _details(error)
    if "SERVICE_DISABLED" in reasons or "has not been used in project" in said:
        command = f"gcloud services enable {host} --project={project}"
        return CloudError(status, f"The API {host} is not enabled in {project}. Enable it: {command}", is_off=True)
    if status == 401:
        return CloudError(status, f"{host} does not take these credentials. Log in anew: {LOGIN}")
    if status == 403 and (permission := _permission(said, reasons)):
        return CloudError(status, denied(permission, project), said=said)
    if status == 403 and ("billing" in said.lower() or "BILLING_DISABLED" in reasons):
        command = f"gcloud billing projects link {project} --billing-account=ACCOUNT"
        return CloudError(status, f"{project} has no billing account that pays. Link one: {command}")
    if status == 429 and ("quota" in said.lower() or "QUOTA" in " ".join(reasons)):
        told = f"A quota of {project} in {region} is used up: {said} Ask for more: "
        page = f"https://console.cloud.google.com/iam-admin/quotas?project={project}"
        return CloudError(status, told + page, lasts=True)
    if status == 404 and host == "cloudresourcemanager.googleapis.com":
        return CloudError(status, f"There is no project '{project}', or you may not see it. See: gcloud projects list")
    if _NOWHERE.search(said):
        told = f"{host} is not to be had in '{region}': {said} Set another in omloop.toml: {_key(host)}."
        return CloudError(status, told, is_nowhere=True)
    advice = f" {_OUTSIDERS}" if "permitted customer" in said else ""
    return CloudError(status, f"{host} answers {status}: {said or 'it gives no reason'}{advice}")


def _key(host: str) -> str:
    """The setting that says where something of a service lies."""
    keys = {"artifactregistry": "[deploy] registry", "cloudscheduler": "[google] schedule_region"}
    return keys.get(host.partition(".")[0], "[google] region")


def denied(permission: str, project: str) -> str:
    """Which permission is missing, and the command that grants a role which has it."""
    role = role_of(permission)
    if permission.startswith("billing."):
        return f"You may not {permission}. Ask who administers the billing account for {role}."
    return f"You may not {permission} in {project}. Who administers it grants it: {grant(role, project)}"


def grant(role: str, project: str, member: str = "user:YOU") -> str:
    """The command that gives a role in a project to somebody."""
    return f"gcloud projects add-iam-policy-binding {project} --member={member} --role={role}"


def role_of(permission: str) -> str:
    """A predefined role that has a permission.

    >>> role_of("run.services.create"), role_of("iam.serviceAccounts.actAs")
    ('roles/run.admin', 'roles/iam.serviceAccountUser')
    """
    asked = permission.lower()  # Cloud Run says iam.serviceaccounts.actAs
    known = (ROLES[one] for one in sorted(ROLES, key=len, reverse=True) if asked.startswith(one.lower()))
    return next(known, "roles/editor")


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _details(error: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the details of an error name as its reasons, each with its metadata; storage has a form of its own."""
    details = [one for one in error.get("details", ()) if isinstance(one, dict)]
    found = {str(one["reason"]): one.get("metadata", {}) for one in details if "reason" in one}
    return found | {
        str(one["reason"]): {} for one in error.get("errors", ()) if isinstance(one, dict) and "reason" in one
    }


def _permission(said: str, reasons: Mapping[str, Mapping[str, Any]]) -> str:
    named = next((str(one["permission"]) for one in reasons.values() if one.get("permission")), "")
    found = re.search(r"\b[a-z]+\.[a-zA-Z]+(?:\.[a-zA-Z]+)?\.[a-zA-Z]+\b(?= |'|\"|$|\.)|(?<=')[a-z]+\.\w+\.\w+", said)
    return named or (found[0] if found and "permission" in said.lower() else "")


def sentence(said: str) -> str:
    """What a service said, in one line of 400 characters at most, without what looks like a secret."""
    line = without_secrets(" ".join(said.split()))[:400]
    return line if not line or line.endswith((".", "!", "?")) else f"{line}."
