"""The OpenAPI document, generated from the signature of the version that serves."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from omloop.serve.body import KEY_CHARACTERS
from omloop.serve.champion import Serving

_ID = "18c4b0f2a96d31e0b7a25f90cc"
_TEXT = {"schema": {"type": "string"}}
_BINARY = {"type": "string", "format": "binary"}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_REFUSED = {
    "400": "The body cannot be read at all.",
    "408": "The body did not arrive in time.",
    "413": "The body is too long.",
    "415": "The content type is not accepted.",
    "422": "The body does not fit the signature; `field` says where.",
    "429": "Too many requests are waiting; try again after the seconds in Retry-After.",
    "431": "The address and headers are too long.",
    "500": "A fault of the server; its log has the details under the `id`.",
    "503": "No version serves yet, or the answer could not be recorded.",
    "504": "The time that the request allowed was over before work on it began.",
}


_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "proba",
        "in": "query",
        "description": "Whether to answer the probability of each class.",
        "schema": {"type": "boolean", "default": True},
    },
    {
        "name": "explain",
        "in": "query",
        "description": "Adds what drift detection observes of each input.",
        "schema": {"enum": ["observe"]},
    },
    {
        "name": "X-Request-Timeout-Ms",
        "in": "header",
        "description": "Milliseconds after which an answer is of no use: later, work on it is not begun.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 86_400_000},
    },
    {
        "name": "X-Caller-Key",
        "in": "header",
        "description": "What the caller calls itself or its request; kept with the prediction.",
        "schema": {"type": "string", "maxLength": KEY_CHARACTERS, "pattern": "^[ -~]*$"},
    },
]


def document(serving: Serving | None) -> dict[str, Any]:
    """The OpenAPI 3.1 document; without a version the rows are any objects."""
    about = "No version serves yet." if serving is None else f"Version {serving.version} serves."
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "omloop" if serving is None else serving.manifest.project,
            "version": "1",
            "description": about,
        },
        "paths": _paths(serving),
        "components": {"schemas": _schemas(serving)},
    }


def _paths(serving: Serving | None) -> dict[str, Any]:
    return {
        "/v1/predict": {"post": _predict(serving)},
        "/v1/feedback": {"post": _feedback(serving)},
        "/v1/model": {"get": _get("The version that serves, its signature and where it came from", missing="503")},
        "/v1/batching": {"get": _get("How requests are batched: where the model runs, what waits, sizes so far")},
        "/v1/predictions/{id}": {"get": _prediction()},
        "/healthz": {"get": _get("Whether the process is alive")},
        "/readyz": {"get": _get("Whether a version serves", missing="503")},
        "/metrics": {"get": _get("Prometheus metrics", media="text/plain")},
    }


def _predict(serving: Serving | None) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["rows"],
        "additionalProperties": False,
        "properties": {"rows": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Row"}}},
    }
    json: dict[str, Any] = {"schema": body}
    content = {"application/json": json}
    answered: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Predictions"}}
    if serving is not None:
        json["example"] = {"rows": [serving.example]}
        content |= {media: _other(media, serving) for media in serving.kind.media_types if media not in content}
        (remarks,) = serving.kind.remarks(serving.kind.parse([serving.example]))
        example = {"id": _ID, **serving.answer, **remarks}
        answered["example"] = {"version": serving.version, "predictions": [example]}
    return {
        "summary": "Predict one or many rows",
        "operationId": "predict",
        "parameters": _PARAMETERS,
        "requestBody": {"required": True, "content": content},
        "responses": _responses("One prediction a row, in order, each recorded.", answered, *_REFUSED),
    }


def _feedback(serving: Serving | None) -> dict[str, Any]:
    label = {
        "type": "object",
        "required": ["id", "label"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "description": "The id that the prediction was answered with."},
            "label": {"description": "What turned out to be true."},
        },
    }
    labels = {"type": "array", "minItems": 1, "items": label}
    content: dict[str, Any] = {
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
        "responses": _responses("What became of the labels.", answered, *_REFUSED),
    }


def _prediction() -> dict[str, Any]:
    operation = _get("One prediction with its label, if there is one", missing="404")
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    responses = {**operation["responses"], "429": _refused("429"), "503": _refused("503")}
    return {**operation, "parameters": [name], "responses": responses}


def _get(summary: str, *, missing: str = "", media: str = "application/json") -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": "The answer.", "content": {media: {}}}}
    if missing:
        responses[missing] = {"description": "There is none.", "content": _ERROR}
    return {"summary": summary, "responses": responses}


def _responses(about: str, answered: Mapping[str, Any], *refused: str) -> dict[str, Any]:
    accepted: dict[str, Any] = {"200": {"description": about, "content": {"application/json": dict(answered)}}}
    return {**accepted, **{status: _refused(status) for status in refused}}


def _refused(status: str) -> dict[str, Any]:
    return {"description": _REFUSED[status], "content": _ERROR}


def _schemas(serving: Serving | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"type": "object"} if serving is None else serving.output.schema()
    remarks = {} if serving is None else dict(serving.kind.remarks_schema)
    properties = {"id": {"type": "string"}} | answer.get("properties", {}) | remarks
    required = ["id", *answer.get("required", []), *remarks]
    prediction = answer | {"properties": properties, "required": required}
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
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {
                        "message": {"type": "string"},
                        "field": {"type": "string", "description": "Where in the body, such as rows[3].age."},
                        "id": {"type": "string", "description": "What to look for in the server's log."},
                    },
                }
            },
        },
    }


def _other(media: str, serving: Serving) -> dict[str, Any]:
    """A content type beside JSON: a form of files, one file, or text; a CSV gets the example row as its example."""
    if media == "multipart/form-data":
        files = {name: {"type": "array", "minItems": 1, "items": dict(_BINARY)} for name in serving.kind.fields}
        return {"schema": {"type": "object", "required": list(files), "properties": files}}
    if not media.startswith("text/"):
        return {"schema": dict(_BINARY)}
    if media != "text/csv" or not isinstance(serving.example, Mapping):
        return dict(_TEXT)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([serving.example.keys(), serving.example.values()])
    return {**_TEXT, "example": text.getvalue()}
