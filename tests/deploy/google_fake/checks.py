"""Whether a request agrees with its description, and whether an answer does."""

import re
from typing import Any
from urllib.parse import unquote

from tests.deploy.google_fake.describe import Method, document
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.operations import Call
from tests.deploy.google_fake.schemas import TYPES, missing, root_of, typed, written, wrong_fields

# Query parameters that the fake acts upon, or that change nothing here; any other it cannot answer for.
UNDERSTOOD = re.compile(
    r"pageSize|pageToken|maxResults|filter|showDeleted|updateMask|allowMissing|validateOnly|etag|names|prefix|force|"
    r"permissions|(options\.r|optionsR)equestedPolicyVersion|ifMetagenerationMatch|project|projectId|projection|"
    r"forceNewRevision|userProject|prettyPrint|key|quotaUser|"
    r"(service|job|repository|secret|workloadIdentityPool|workloadIdentityPoolProvider|pipelineJob)Id"
)
# Documents whose answers leave out nothing more: Cloud Storage tells false and 0, and types have dropped theirs.
EXACT = {"storage.v1", *(name for name, _ in TYPES)}


def name_of(method: Method, path: str) -> str:
    """What a path names: without the API's version and the verb, decoded but for slashes within a name."""
    text = re.sub(r"^(storage/)?v\d[a-z0-9]*/", "", path)
    if ":" in method.template:
        text = text.removesuffix(":" + method.template.rpartition(":")[2])
    if method.document == "storage.v1":
        return unquote(re.sub(r"/(iam|iam/testPermissions|o)$", "", text))
    return unquote(text if method.document == "logging.v2" else re.sub("%2f", "%252F", text, flags=re.IGNORECASE))


def body_of(method: Method, body: Any, raw: bytes, kind: str) -> Body:
    if not raw:
        return {}
    if method.request is None:
        raise Refused(400, "Your client has issued a malformed or illegal request: this method takes no body.")
    if not kind.startswith("application/json"):
        raise bad(("", "Invalid JSON payload received. The body must be sent as application/json."))
    if not isinstance(body, dict):
        raise bad(("", "Invalid JSON payload received. Unexpected token."))
    return body


def check_query(method: Method, query: dict[str, list[str]]) -> None:
    usual = document(method.document)["parameters"]
    for key, values in query.items():
        described = method.parameters.get(key) or usual.get(key)
        if described is None or described["location"] != "query":
            raise bad(
                (
                    key,
                    f'Invalid JSON payload received. Unknown name "{key}": Cannot bind query parameter. Field '
                    f"'{key}' could not be found in request message.",
                )
            )
        if not UNDERSTOOD.fullmatch(key) and (key, values) != ("alt", ["json"]):
            raise Refused(501, f"The fake does not know what {key} changes in {method.id}")
        shape = {"integer": r"-?\d+", "boolean": "true|false"}.get(described["type"], ".*")
        if not all(re.fullmatch(shape, one, re.DOTALL) for one in values):
            raise bad((key, f"Invalid value at '{key}' (TYPE_{described['type'].upper()}), \"{values[0]}\""))
    for key, described in method.parameters.items():
        needed = described.get("required") or described.get("description", "").startswith("Required.")
        if key in ("projectId", "triggerId") and "locationsId" in method.template:
            continue  # Cloud Build still calls required what its regional paths say already
        if described["location"] == "query" and needed and not query.get(key, [""])[0]:
            raise bad((key, f"Required parameter '{key}' is not set."))


def check_body(call: Call) -> None:
    method = call.method
    if method.request is None:
        return
    if wrong := list(wrong_fields(method.document, method.request, call.body, root_of(method.request))):
        raise bad(*((one.field, one.text) for one in wrong))
    if method.request.endswith("Request"):  # of a resource, what it becomes is checked
        lacking = missing(method.document, method.request, call.body, method=method.id)
        if told := [(one, f"Required field '{one}' is not set.") for one in lacking]:
            raise bad(*told)
    try:
        typed(method.document, method.request, written(method.document, method.request, call.body))
    except ValueError as error:
        raise bad((root_of(method.request), f"Invalid JSON payload received. {error}")) from error


def checked_answer(method: Method, told: Body) -> Body:
    """An answer without what is empty, as Google's servers leave it out; 501 where no description has it."""
    assert method.response is not None
    if method.document not in EXACT:
        told = _dropped(told)
    if wrong := list(wrong_fields(method.document, method.response, told)):
        raise Refused(501, f"The fake's own answer is no {method.response}: {wrong[0].text}")
    return told


def _dropped(value: Any) -> Any:
    """A message of JSON without empty texts, lists, maps of no entries and false values, which proto3 leaves out."""
    if isinstance(value, list):
        return [_dropped(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _dropped(one) if one != {} else {} for key, one in value.items()}
    return {key: one for key, one in inner.items() if one not in ("", [], None) and one is not False}
