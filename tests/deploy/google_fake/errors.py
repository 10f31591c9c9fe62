"""Errors in Google's words and forms."""

from typing import Any

Body = dict[str, Any]
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
# And in the words of Cloud Storage.
REASONS = {
    400: "invalid",
    401: "required",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    503: "backendError",
}
# What Google's front end answers where no API is.
LOST = "<!DOCTYPE html>\n<html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> That's an error.</html>\n"


class Refused(Exception):
    """What Google answers in place of what was asked for."""

    def __init__(self, code: int, message: str, *details: Body, status: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.details, self.status = code, message, details, status or STATUS[code]


def bad(*violations: tuple[str, str]) -> Refused:
    """An argument that Google refuses: which field, and why."""
    told = [{"field": place, "description": text} for place, text in violations]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": told}
    return Refused(400, "\n".join(text for _, text in violations), detail)


def error_of(host: str, refused: Refused) -> Body:
    told: Body = {"code": refused.code, "message": refused.message}
    if host == "storage.googleapis.com":
        told["errors"] = [
            {"message": refused.message, "domain": "global", "reason": REASONS.get(refused.code, "invalid")}
        ]
    else:
        told["status"] = refused.status
    return {"error": told | ({"details": list(refused.details)} if refused.details else {})}


def _info(reason: str, domain: str, **metadata: str) -> Body:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": domain,
        "metadata": metadata,
    }


def disabled(service: str, title: str, number: str) -> Refused:
    link = f"https://console.developers.google.com/apis/api/{service}/overview?project={number}"
    text = (
        f"{title} has not been used in project {number} before or it is disabled. Enable it by visiting {link} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and "
        "retry."
    )
    info = _info(
        "SERVICE_DISABLED",
        "googleapis.com",
        service=service,
        consumer=f"projects/{number}",
        containerInfo=number,
        serviceTitle=title,
        activationUrl=link,
    )
    links = [{"description": "Google developers console API activation", "url": link}]
    return Refused(403, text, info, {"@type": "type.googleapis.com/google.rpc.Help", "links": links})


def spent(service: str, text: str, number: str) -> Refused:
    violations = [{"subject": f"project:{number}", "description": text}]
    failure = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}
    info = _info("RATE_LIMIT_EXCEEDED", "googleapis.com", service=service, consumer=f"projects/{number}")
    return Refused(
        429, f"Quota exceeded for {text} of service '{service}' for consumer 'project_number:{number}'.", info, failure
    )


def denied(host: str, path: str, permission: str, caller: str) -> Refused:
    if host == "storage.googleapis.com":
        what = "Google Cloud project" if path == "b" else "Google Cloud Storage bucket"
        return Refused(
            403,
            f"{caller} does not have {permission} access to the {what}. Permission '{permission}' denied "
            "on resource (or it may not exist).",
        )
    info = _info("IAM_PERMISSION_DENIED", host, permission=permission, resource=path)
    return Refused(403, f"Permission '{permission}' denied on resource '{path}' (or it may not exist).", info)


def unpaid(service: str, project: str) -> Refused:
    info = _info("USER_PROJECT_DENIED", "googleapis.com", service=service, consumer=f"projects/{project}")
    text = (
        f"Caller does not have required permission to use project {project}. Grant the caller the "
        "roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission."
    )
    return Refused(403, text, info)
