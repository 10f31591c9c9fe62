"""The OpenAPI document, generated from the signature of the version that serves."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from omloop.core import MOST_FAULTS
from omloop.serve.http.body import KEY_CHARACTERS
from omloop.serve.http.repeats import MOST_CHARACTERS as KEY_LENGTH
from omloop.serve.http.request_id import MOST_CHARACTERS
from omloop.serve.limits import Limits
from omloop.serve.refusal import CODES
from omloop.serve.version.serving import Serving

_ID = "18c4b0f2a96d31e0b7a25f90cc"
_REQUEST = "5f0c2e9a71b3d846"
_STRING = {"type": "string"}
_TEXT = {"schema": _STRING}
_BINARY = {"type": "string", "format": "binary"}
ERROR = {"$ref": "#/components/schemas/Error"}
REFUSED = {
    "400": "The request cannot be read at all.",
    "401": "A key or token is asked for.",
    "403": "The key or token has not the role that this needs, or a page of another origin asks.",
    "404": "There is none.",
    "408": "The request did not arrive in time.",
    "409": "The first request with this Idempotency-Key has no answer yet.",
    "413": "The body is too long.",
    "415": "The content type is not accepted.",
    "421": "The server has not the name by which it was asked.",
    "422": "The body does not fit the signature; `field` says where.",
    "429": "Too many requests are waiting, or you ask too often; try again after the seconds in Retry-After.",
    "431": "The address and headers are too long.",
    "500": "A fault of the server; its log has the details under the `id`.",
    "503": "No version serves yet, the answer could not be recorded, or too many connections are open.",
    "504": "The time that the request allowed was over before work on it began.",
}
"""What each status says that is no 200."""
ANYWHERE = ("400", "401", "403", "408", "421", "429", "431", "500", "503")
"""The statuses that any address may have."""
ASKED = tuple(status for status in REFUSED if status != "404")
"""Every status of a refused prediction."""
_AGAIN = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}
_EXAMPLES = {
    "422": {
        "code": "invalid_input",
        "message": "is missing; send a number from 0 to 1",
        "field": "rows[3].share",
        "request_id": _REQUEST,
    },
    "500": {
        "code": "internal_error",
        "message": "internal error; the server's log has the details",
        "id": _ID,
        "request_id": _REQUEST,
    },
}

_CREDENTIALS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, or a token of the identity provider."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key."},
}
"""What a server that knows keys or tokens asks for, one of the two; any other answers without."""

HEADERS: list[dict[str, object]] = [
    {
        "name": "Content-Digest",
        "in": "header",
        "description": "sha-256 or sha-512 of the body (RFC 9530); one of another body is refused.",
        "schema": {"type": "string"},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names the request: sent again, it gets the first answer, and is recorded once.",
        "schema": {"type": "string", "maxLength": KEY_LENGTH + 2, "pattern": "^[!-~]+$"},
    },
    {
        "name": "X-Request-Timeout-Ms",
        "in": "header",
        "description": "Milliseconds after which an answer is of no use: later, work on it is not begun.",
        "schema": {"type": "integer", "minimum": 1},
    },
    {
        "name": "X-Request-Id",
        "in": "header",
        "description": "The id of the request, in the answer and in the log; what is not of this pattern is replaced.",
        "schema": {"type": "string", "maxLength": MOST_CHARACTERS, "pattern": "^[!-~]+$"},
    },
    {
        "name": "X-Caller-Key",
        "in": "header",
        "description": "What the caller calls itself or its request; kept with the prediction.",
        "schema": {"type": "string", "maxLength": KEY_CHARACTERS, "pattern": "^[ -~]*$"},
    },
]
"""The headers of a request for predictions, at whatever address."""
_QUERY: list[dict[str, object]] = [
    {
        "name": "proba",
        "in": "query",
        "description": "Whether to answer the probability of each class.",
        "schema": {"type": "boolean", "default": True},
    },
    {
        "name": "explain",
        "in": "query",
        "description": "Adds what drift detection observes of each input, or what each answer hangs on.",
        "schema": {"enum": ["observe", "shap"]},
    },
]
EXPLAINED: dict[str, object] = {
    "explanation": {
        "type": ["object", "null"],
        "description": "What the answer hangs on: base and contributions add up to it; only with explain=shap.",
        "required": [
            "of",
            "probability",
            "answer",
            "base",
            "contributions",
            "background",
            "exact",
            "model_rows",
            "residual",
        ],
        "properties": {
            "of": {"type": "string", "description": "The class whose probability it is, or the name of the number."},
            "probability": {"type": "boolean"},
            "answer": {"type": "number"},
            "base": {"type": "number", "description": "The mean answer to the background."},
            "contributions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "given", "value", "error"],
                    "properties": {
                        "name": {"type": "string"},
                        "given": {},
                        "value": {"type": "number"},
                        "error": {"type": "number", "minimum": 0, "description": "Standard error; 0 where exact."},
                    },
                },
            },
            "background": {"type": "integer", "description": "Examples that stand in for what is left out."},
            "exact": {"type": "boolean"},
            "model_rows": {"type": "integer"},
            "residual": {"type": "number"},
        },
    },
    "unexplained": {"type": "string", "description": "Why there is no explanation, where one was asked for."},
}
"""What `explain=shap` adds."""


def document(serving: Serving | None, limits: Limits | None = None) -> dict[str, object]:
    """The OpenAPI 3.1 document of a server of such `limits`; without a version the rows are any objects."""
    about = "No version serves yet." if serving is None else _about(serving)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "omloop" if serving is None else serving.manifest.project,
            "version": "1",
            "description": about,
        },
        "paths": _paths(serving, limits or Limits()),
        "components": {"schemas": _schemas(serving), "securitySchemes": _CREDENTIALS},
        "security": [{}, *({name: []} for name in _CREDENTIALS)],
    }


def _about(serving: Serving) -> str:
    caution = serving.manifest.caution
    return f"Version {serving.version} serves.{f' {caution}' if caution else ''}"


def _paths(serving: Serving | None, limits: Limits) -> dict[str, object]:
    return {
        "/v1/predict": {"post": _predict(serving, limits)},
        "/v1/feedback": {"post": _feedback(serving, limits)},
        "/v1/model": {"get": _get("The version that serves, its signature and where it came from")},
        "/v1/batching": {"get": _get("How requests are batched: where the model runs, what waits, sizes so far")},
        "/v1/predictions/{id}": {"get": _prediction()},
        "/v1/drift": {"get": _drift()},
        "/healthz": {"get": _get("Whether the process is alive", status={"const": "alive"})},
        "/readyz": {"get": _get("Whether a version serves", status={"const": "ready"}, version={"type": "string"})},
        "/metrics": {"get": _get("Prometheus metrics", media="text/plain")},
    }


def _predict(serving: Serving | None, limits: Limits) -> dict[str, object]:
    body = {
        "type": "object",
        "required": ["rows"],
        "additionalProperties": False,
        "properties": {"rows": _list({"$ref": "#/components/schemas/Row"}, limits.rows)},
    }
    json: dict[str, object] = {"schema": body}
    content = {"application/json": json}
    answered: dict[str, object] = {"schema": {"$ref": "#/components/schemas/Predictions"}}
    if serving is not None:
        json["example"] = {"rows": [serving.example]}
        content |= {media: _other(media, serving) for media in serving.kind.media_types if media not in content}
        (remarks,) = serving.kind.remarks(serving.kind.parse([serving.example]))
        example = {"id": _ID, **serving.answer, **remarks}
        answered["example"] = {"version": serving.version, "predictions": [example]}
    return {
        "summary": "Predict one or many rows",
        "operationId": "predict",
        "parameters": [*_QUERY, *HEADERS],
        "requestBody": {"required": True, "content": content},
        "responses": _responses("One prediction a row, in order, each recorded.", answered, *ASKED),
    }


def _feedback(serving: Serving | None, limits: Limits) -> dict[str, object]:
    label = {
        "type": "object",
        "required": ["id", "label"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "description": "The id that the prediction was answered with."},
            "label": {"description": "What turned out to be true."},
        },
    }
    labels = _list(label, limits.rows)
    content: dict[str, object] = {
        "schema": {
            "type": "object",
            "required": ["labels"],
            "additionalProperties": False,
            "properties": {"labels": labels},
        }
    }
    if serving is not None:
        truth = next(iter(serving.answer.values()))
        content["example"] = {"labels": [{"id": _ID, "label": truth}]}
    answered = {"schema": {"$ref": "#/components/schemas/Receipt"}}
    return {
        "summary": "Say what turned out to be true of earlier predictions",
        "operationId": "feedback",
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": _responses("What became of the labels.", answered, *ASKED),
    }


def _prediction() -> dict[str, object]:
    operation = _get("One prediction with its label, if there is one")
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    responses = {**operation["responses"], "404": refusal_schema("404"), "429": refusal_schema("429")}
    return {**operation, "parameters": [name], "responses": responses}


def _drift() -> dict[str, object]:
    operation = _get("What a watch told last: what moved, and whether it hurts", project=_STRING, version=_STRING)
    answer = operation["responses"]["200"]
    page = {"200": {**answer, "content": {**answer["content"], "text/html": _TEXT}}}
    return {**operation, "responses": {**operation["responses"], **page, "404": refusal_schema("404")}}


def _get(summary: str, *, media: str = "application/json", **properties: Any) -> dict[str, Any]:
    """What only tells; `properties` are those of its answer, where they are few."""
    told = {"schema": {"type": "object", "required": list(properties), "properties": properties}} if properties else {}
    responses: dict[str, object] = {"200": {"description": "The answer.", "content": {media: told}}}
    return {"summary": summary, "responses": {**responses, **{status: refusal_schema(status) for status in ANYWHERE}}}


def _list(items: Mapping[str, object], most: int) -> dict[str, object]:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": dict(items)}


def _responses(about: str, answered: Mapping[str, object], *statuses: str) -> dict[str, object]:
    accepted: dict[str, object] = {"200": {"description": about, "content": {"application/json": dict(answered)}}}
    return {**accepted, **{status: refusal_schema(status) for status in statuses}}


def refusal_schema(status: str, schema: Mapping[str, object] = ERROR) -> dict[str, object]:
    """A response of the OpenAPI document that is no 200; its body is of `schema`."""
    content: dict[str, object] = {"schema": dict(schema)}
    if schema is ERROR and status in _EXAMPLES:
        content["example"] = {"error": _EXAMPLES[status]}
    headers = {"headers": _AGAIN} if status == "429" else {}
    return {"description": REFUSED[status], **headers, "content": {"application/json": content}}


def _schemas(serving: Serving | None) -> dict[str, object]:
    answer: dict[str, Any] = {"type": "object"} if serving is None else serving.output.schema()
    remarks = {} if serving is None else dict(serving.kind.remarks_schema)
    observed = {} if serving is None else {"observed": _observed(serving), **EXPLAINED}
    properties = {"id": {"type": "string"}} | answer.get("properties", {}) | remarks | observed
    required = ["id", *answer.get("required", []), *remarks]
    prediction = answer | {"properties": properties, "required": [one for one in required if one != "probabilities"]}
    count = {"type": "integer", "minimum": 0}
    return {
        "Row": {"type": "object"} if serving is None else serving.kind.schema(),
        "Predictions": {
            "type": "object",
            "required": ["version", "predictions"],
            "properties": {"version": {"type": "string"}, "predictions": {"type": "array", "items": prediction}},
        },
        "Receipt": {
            "type": "object",
            "required": ["accepted", "repeated", "changed", "unknown"],
            "properties": {
                "accepted": count,
                "repeated": count,
                "changed": count,
                "unknown": {"type": "array", "items": {"type": "string"}},
            },
        },
        "Fault": {
            "type": "object",
            "required": ["field", "message"],
            "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["code", "message", "request_id"],
                    "properties": {
                        "code": {"enum": list(CODES)},
                        "message": {"type": "string"},
                        "request_id": {"type": "string", "description": "The header X-Request-Id of the answer."},
                        "faults": _list({"$ref": "#/components/schemas/Fault"}, MOST_FAULTS),
                        "more": {"type": "integer", "minimum": 1, "description": "Faults beyond those listed."},
                        "field": {"type": "string", "description": "Where in the body, such as rows[3].age."},
                        "id": {"type": "string", "description": "What to look for in the server's log."},
                    },
                }
            },
        },
    }


def _observed(serving: Serving) -> dict[str, object]:
    """What `explain=observe` adds: numbers, and null for a value that is absent."""
    names = list(serving.kind.observed)
    return {
        "type": "object",
        "description": "What drift detection observes of the input; only with explain=observe.",
        "properties": {name: {"type": ["number", "null"]} for name in names},
        "required": names,
    }


def _other(media: str, serving: Serving) -> dict[str, object]:
    """A content type beside JSON: a form of files, one file, or text; a CSV gets the example row as its example."""
    if media == "multipart/form-data":
        files = {name: {"type": "array", "minItems": 1, "items": dict(_BINARY)} for name in serving.kind.fields}
        form = {"type": "object", "required": list(files), "properties": files, "additionalProperties": False}
        return {"schema": form}
    if not media.startswith("text/"):
        return {"schema": dict(_BINARY)}
    if media != "text/csv" or not isinstance(serving.example, Mapping):
        return dict(_TEXT)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([serving.example.keys(), serving.example.values()])
    return {**_TEXT, "example": text.getvalue()}
