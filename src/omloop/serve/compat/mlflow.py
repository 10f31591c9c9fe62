"""The addresses of MLflow's scoring server: `/invocations` in its five forms of rows, and what its probes ask.

A prediction is the number or the class alone, as a model of MLflow's gives it; `POST /v1/predict` says more.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from omloop.serve.compat.way import (
    JSON,
    CompatApi,
    Endpoint,
    decoded_as_sent,
    one_line,
    operation,
    predict,
    receive_as_sent,
    rows_body,
    serving_of,
    taking,
    telling,
    translate_routes,
)
from omloop.serve.http.asgi import Front
from omloop.serve.http.openapi import ASKED, HEADERS
from omloop.serve.http.replies import json_response
from omloop.serve.refusal import Refusal
from omloop.serve.version.serving import Serving

_CSV = "text/csv"
_CODES = {
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_ERROR = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}},
}


def mlflow(front: Front) -> CompatApi:
    """The way `mlflow`."""
    scoring = _Scoring(front)
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/ping", scoring.ready),
        ("GET", "/health", scoring.ready),
        ("GET", "/version", scoring.version),
        ("POST", "/invocations", scoring.invoke),
    ]
    routes, templates = [], {}
    for method, path, endpoint in table:
        told = telling(endpoint, _words, most=400)
        routes.append(Route(path, told, methods=[method]))
        templates[told] = path
    return CompatApi(routes, templates, _paths)


class _Scoring:
    """The endpoints."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def ready(self, request: Request) -> Response:
        refusal = self._front.ready()
        if refusal is not None:
            raise refusal
        return Response(b"\n", media_type=JSON)

    async def version(self, request: Request) -> Response:
        return PlainTextResponse(f"omloop {version('omloop')}")

    async def invoke(self, request: Request) -> Response:
        """Predict: rows in one of MLflow's forms, or a CSV."""
        serving = serving_of(self._front)
        accepted = tuple(media for media in (JSON, _CSV) if media in serving.kind.media_types)
        asked = await receive_as_sent(request, self._front, accepted)
        content, media = asked.content, asked.media
        if not media.lower().startswith(_CSV):
            content, media = await translate_routes(self._front, asked, rows_of_form, content, serving), JSON
        answered = await predict(self._front, asked, content, media)
        return json_response({"predictions": [first_said(prediction) for prediction in answered.predictions]})


def _words(refusal: Refusal) -> dict[str, object]:
    return {"error_code": _CODES.get(refusal.status, "BAD_REQUEST"), "message": one_line(refusal)}


def first_said(prediction: Mapping[str, object]) -> Any:
    """The class or the number: what an output says first, behind the id."""
    return next(value for name, value in prediction.items() if name != "id")


def rows_of_form(content: bytes, serving: Serving, forms: Sequence[str] = ()) -> bytes:
    """The rows of a body, in one of the `forms` (by default all), in our own words; raises Refusal 400."""
    body, forms = decoded_as_sent(content), forms or tuple(_FORMS)
    given = [name for name in forms if name in body] if isinstance(body, dict) else []
    if len(given) != 1 or not set(body) <= {given[0], "params"}:
        raise Refusal(400, f"the body must be an object with one of {', '.join(forms)}")
    rows = _FORMS[given[0]](body[given[0]], given[0], serving)
    if not rows:
        raise Refusal(400, "send at least one row", field=given[0])
    return rows_body(rows)


def _from_split(value: object, name: str, serving: Serving) -> list[object]:
    if not isinstance(value, dict) or not {"columns", "data"} <= value.keys() <= {"columns", "data", "index"}:
        raise Refusal(400, 'must be an object, {"columns": [...], "data": [[...], ...]}', field=name)
    columns, data = value["columns"], value["data"]
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise Refusal(400, "must be a list of texts", field=f"{name}.columns")
    if len(set(columns)) != len(columns):
        raise Refusal(400, "names a column twice", field=f"{name}.columns")
    if not isinstance(data, list):
        raise Refusal(400, "must be a list of rows", field=f"{name}.data")
    for index, row in enumerate(data):
        if not isinstance(row, list) or len(row) != len(columns):
            raise Refusal(400, f"must be a list of {len(columns)} values", field=f"{name}.data[{index}]")
    return [dict(zip(columns, row, strict=True)) for row in data]


def _from_records(value: object, name: str, serving: Serving) -> list[object]:
    if isinstance(value, list):
        return value
    raise Refusal(400, "must be a list of rows", field=name)


def _from_list(value: object, name: str, serving: Serving) -> list[object]:
    """Rows as objects; where a model takes one thing only, also that thing alone."""
    rows = _from_records(value, name, serving)
    if len(serving.kind.fields) > 1:
        return rows
    return [row if isinstance(row, dict) else {serving.kind.fields[0]: row} for row in rows]


def _from_inputs(value: object, name: str, serving: Serving) -> list[object]:
    """Columns by name, or a list."""
    if not isinstance(value, dict):
        return _from_list(value, name, serving)
    counts = {len(column) if isinstance(column, list) else -1 for column in value.values()}
    if len(counts) != 1 or -1 in counts:
        raise Refusal(400, "must be lists of one length, by the columns' names", field=name)
    return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]


_FORMS: dict[str, Callable[[object, str, Serving], list[object]]] = {
    "dataframe_split": _from_split,
    "dataframe_records": _from_records,
    "instances": _from_list,
    "inputs": _from_inputs,
}


def _paths(serving: Serving | None) -> dict[str, dict[str, object]]:
    """The part of the OpenAPI document."""
    predictions = {"type": "array", "items": _item(serving)}
    answer = {"type": "object", "required": ["predictions"], "properties": {"predictions": predictions}}
    asked = [status for status in ASKED if status != "422"]
    ready = _plain("MLflow: whether a version serves", "It does: an empty line.", {JSON: {}})
    taken = {"parameters": HEADERS, "requestBody": _request(serving)}
    text = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "/ping": {"get": ready},
        "/health": {"get": ready},
        "/version": {"get": _plain("MLflow: the version of the server", "The version of omloop.", text)},
        "/invocations": {"post": operation("MLflow: predict", answer, _ERROR, *asked, **taken)},
    }


def _plain(summary: str, about: str, content: Mapping[str, object]) -> dict[str, object]:
    """An operation whose answer is no JSON."""
    told = operation(summary, {}, _ERROR)
    return {**told, "responses": {**told["responses"], "200": {"description": about, "content": dict(content)}}}


def _item(serving: Serving | None) -> dict[str, object]:
    if serving is None:
        return {}
    properties: dict[str, dict[str, object]] = serving.output.schema()["properties"]
    return next(iter(properties.values()))


def _request(serving: Serving | None) -> dict[str, object]:
    row: dict[str, object] = {"type": "object"} if serving is None else serving.kind.schema()
    rows = {"type": "array", "minItems": 1, "items": row}
    split = {
        "type": "object",
        "required": ["columns", "data"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}},
            "data": {"type": "array", "items": {"type": "array"}},
            "index": {"type": "array"},
        },
        "additionalProperties": False,
    }
    lists = {"type": "object", "additionalProperties": {"type": "array"}}
    forms = {
        "dataframe_split": split,
        "dataframe_records": rows,
        "instances": {"type": "array", "minItems": 1},
        "inputs": {"anyOf": [lists, {"type": "array", "minItems": 1}]},
    }
    choices = [
        {
            "type": "object",
            "required": [name],
            "properties": {name: schema, "params": {"description": "Ignored."}},
            "additionalProperties": False,
        }
        for name, schema in forms.items()
    ]
    example = None if serving is None else {"dataframe_records": [serving.example]}
    body = taking({"oneOf": choices}, example)
    if serving is None or _CSV in serving.kind.media_types:
        body["content"][_CSV] = {"schema": {"type": "string"}}
    return body
