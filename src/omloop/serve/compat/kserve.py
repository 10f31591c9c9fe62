"""The Open Inference Protocol (KServe v2, as Triton and MLServer speak it), over JSON and with binary tensors.

A request brings one tensor a column of the signature, of shape [n] or [n, 1]; texts, categories and pictures (in JSON
as base64) are BYTES. An answer brings one tensor for each field of a prediction, and `id`, which labels refer to.
`kserve_rows.py` reads requests, this file writes answers.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import chain
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from omloop.serve.compat.kserve_about import model_configuration, model_statistics, repository_index
from omloop.serve.compat.kserve_rows import Reading, takes_pictures
from omloop.serve.compat.kserve_v1 import MODEL, MODELS, PREDICT, FirstProtocol, named_version
from omloop.serve.compat.tensors import DATATYPES, HEADER, bytes_of
from omloop.serve.compat.way import (
    JSON,
    CompatAnswer,
    CompatApi,
    Endpoint,
    apart,
    as_accepted,
    one_line,
    operation,
    predict,
    receive_as_sent,
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

BINARY = "application/octet-stream"
_EXTENSIONS = ["binary_tensor_data", "model_configuration", "model_repository", "statistics"]
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OF_SCHEMA = {"boolean": "BOOL", "integer": "INT64", "number": "FP64"}
_MODEL = "/v2/models/{name}"
_VERSION = "/v2/models/{name}/versions/{version}"
_TENSOR = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {
        "name": {"type": "string"},
        "datatype": {"enum": list(DATATYPES)},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}},
        "parameters": {"type": "object"},
        "data": {"type": "array"},
    },
}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def kserve(front: Front) -> CompatApi:
    """The way `kserve`."""
    second, first = _Protocol(front), FirstProtocol(front)
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/v2", second.server),
        ("GET", "/v2/health/live", second.live),
        ("GET", "/v2/health/ready", second.ready),
        ("GET", "/v2/models/stats", second.statistics),
        ("POST", "/v2/repository/index", second.index),
    ]
    for model in (_MODEL, _VERSION):
        table += [
            ("GET", model, second.model),
            ("GET", f"{model}/ready", second.model_ready),
            ("GET", f"{model}/config", second.config),
            ("GET", f"{model}/stats", second.statistics),
            ("POST", f"{model}/infer", second.infer),
        ]
    table += [
        ("GET", MODELS, first.models),
        ("POST", PREDICT, first.infer),
        ("GET", MODEL, first.model),
    ]
    routes, templates = [], {}
    for method, path, endpoint in table:
        told = telling(endpoint, _words, most=400)
        routes.append(Route(path, told, methods=[method]))
        templates[told] = path
    routes.append(Route("/v2/{rest:path}", telling(_not_there(routes[:]), _words), methods=_METHODS))
    return CompatApi(routes, templates, _paths)


def _words(refusal: Refusal) -> dict[str, str]:
    return {"error": one_line(refusal)}


def _not_there(routes: Sequence[Route]) -> Endpoint:
    """Other addresses below `/v2`, refused in the protocol's words: Triton's clients look for a text under `error`."""

    async def answer(request: Request) -> Response:
        asked = f"{request.method} {request.url.path:.80}"
        allowed = [*chain(*(one.methods or () for one in routes if one.matches(request.scope)[0] is Match.PARTIAL))]
        if allowed:
            methods = ", ".join(sorted(set(allowed)))
            raise Refusal(405, f"{asked} is not possible; use {methods}", headers={"Allow": methods})
        why = "versions are served by promoting them, and tensors come in the body alone"
        raise Refusal(404, f"there is no {asked}: {why}. GET /openapi.json says what there is")

    return answer


class _Protocol:
    """The endpoints."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def server(self, request: Request) -> Response:
        return json_response({"name": "omloop", "version": version("omloop"), "extensions": _EXTENSIONS})

    async def live(self, request: Request) -> Response:
        return json_response({"live": True})

    async def ready(self, request: Request) -> Response:
        self._require_ready()
        return json_response({"ready": True})

    async def index(self, request: Request) -> Response:
        return json_response(repository_index(self._front.champion.serving))

    async def model(self, request: Request) -> Response:
        return json_response(_metadata(named_version(self._front, request)))

    async def config(self, request: Request) -> Response:
        serving = named_version(self._front, request)
        return json_response(model_configuration(serving, _inputs(serving), _outputs(serving)))

    async def statistics(self, request: Request) -> Response:
        serving = named_version(self._front, request) if request.path_params else serving_of(self._front)
        routes = [f"{model}/infer" for model in (_MODEL, _VERSION)]
        return json_response({"model_stats": [model_statistics(self._front, serving, routes)]})

    async def model_ready(self, request: Request) -> Response:
        serving = named_version(self._front, request)
        self._require_ready()
        return json_response({"name": serving.manifest.project, "ready": True})

    async def infer(self, request: Request) -> Response:
        """Predict; the body's tensors become rows, and predictions tensors."""
        serving, length = named_version(self._front, request), request.headers.get(HEADER)
        asked = await receive_as_sent(request, self._front, (JSON, BINARY), media=_media(request, serving))
        reading = Reading(serving, [tensor["name"] for tensor in _outputs(serving)], self._front.limits.rows)
        read = await translate_routes(self._front, asked, reading.read, asked.content, length)
        answered = await predict(self._front, asked, read.rows, JSON)
        tensors = await apart(_tensors, answered, read.wanted, size=100 * len(answered.predictions))
        told = {"model_name": serving.manifest.project, "model_version": answered.version}
        return await _replied(request, {**told, **read.named, "outputs": tensors}, read.wanted)

    def _require_ready(self) -> None:
        refusal = self._front.ready()
        if refusal is not None:
            raise refusal


def _media(request: Request, serving: Serving) -> str:
    """The content type that bounds a body with tensors as bytes: pictures may be as long as files; empty for others."""
    if HEADER in request.headers:
        return BINARY if takes_pictures(serving) else JSON
    plain = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return JSON if plain == BINARY else ""


async def _replied(request: Request, answer: Mapping[str, Any], wanted: Mapping[str, bool]) -> Response:
    """The answer; binary tensors have their data behind the JSON."""
    if not any(wanted.values()):
        return await as_accepted(request, orjson.dumps(answer), headers={})
    head, data = await apart(_with_data, answer, wanted, size=100 * len(answer["outputs"][0]["data"]))
    return await as_accepted(request, head + data, headers={HEADER: str(len(head))}, media=BINARY)


def _with_data(answer: Mapping[str, Any], wanted: Mapping[str, bool]) -> tuple[bytes, bytes]:
    """The JSON and the data behind it."""
    outputs, behind = [], []
    for tensor in answer["outputs"]:
        if not wanted[tensor["name"]]:
            outputs.append(tensor)
            continue
        described = {key: value for key, value in tensor.items() if key != "data"}
        behind.append(bytes_of(tensor["datatype"], tensor["data"]))
        sized = {**tensor.get("parameters", {}), "binary_data_size": len(behind[-1])}
        outputs.append({**described, "parameters": sized})
    return orjson.dumps({**answer, "outputs": outputs}), b"".join(behind)


def _tensors(answered: CompatAnswer, wanted: Mapping[str, bool]) -> list[dict[str, object]]:
    """The predictions as tensors, one for each thing that they say."""
    first = answered.predictions[0]
    return [
        _output(name, [prediction[name] for prediction in answered.predictions]) for name in first if name in wanted
    ]


def _output(name: str, values: list[Any]) -> dict[str, object]:
    described = _described(name, values[0])
    shape = [len(values), *described["shape"][1:]]
    if isinstance(values[0], dict):
        values = [[*value.values()] for value in values]
    data = [one for value in values for one in value] if isinstance(values[0], list) else values
    return {**described, "shape": shape, "data": data}


def _described(name: str, value: object) -> dict[str, Any]:
    """A tensor's name, datatype and shape, by one of its values."""
    if isinstance(value, dict):
        return {"name": name, "datatype": "FP64", "shape": [-1, len(value)], "parameters": {"classes": ",".join(value)}}
    if isinstance(value, list):
        return {"name": name, "datatype": "FP64", "shape": [-1, len(value)]}
    types = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
    return {"name": name, "datatype": types[type(value)], "shape": [-1]}


def _inputs(serving: Serving) -> list[dict[str, str | list[int]]]:
    properties = serving.kind.schema()["properties"]
    return [
        {"name": name, "datatype": _datatype(schema.get("type")), "shape": [-1]} for name, schema in properties.items()
    ]


def _datatype(kind: object) -> str:
    kinds = kind if isinstance(kind, list) else [kind]
    return next((_OF_SCHEMA[one] for one in kinds if one in _OF_SCHEMA), "BYTES")


def _outputs(serving: Serving) -> list[dict[str, Any]]:
    (remarks,) = serving.kind.remarks(serving.kind.parse([serving.example]))
    return [_described(name, value) for name, value in {"id": "", **serving.answer, **remarks}.items()]


def _metadata(serving: Serving) -> dict[str, object]:
    return {
        "name": serving.manifest.project,
        "versions": [serving.version],
        "platform": "onnx_onnxv1",
        "inputs": _inputs(serving),
        "outputs": _outputs(serving),
    }


def _paths(serving: Serving | None) -> dict[str, dict[str, object]]:
    """The part of the OpenAPI document."""
    index = {"type": "array", "items": _object("name", "version", "state", "reason")}
    paths: dict[str, dict[str, object]] = {
        "/v2": {"get": operation("KServe: the server", _object("name", "version", "extensions"), _ERROR)},
        "/v2/health/live": {"get": operation("KServe: whether the process is alive", _object("live"), _ERROR)},
        "/v2/health/ready": {"get": operation("KServe: whether a version serves", _object("ready"), _ERROR, "503")},
        "/v2/models/stats": {"get": operation("KServe: what was counted", _object("model_stats"), _ERROR, "503")},
        "/v2/repository/index": {"post": operation("KServe: the version that serves", index, _ERROR)},
        MODELS: {"get": operation("KServe v1: the models", _object("models"), _ERROR)},
    }
    for address in (_MODEL, _VERSION):
        names = ["name", "version"] if address == _VERSION else ["name"]
        paths |= _paths_of(address, [_parameter(name, serving) for name in names], serving)
    name, asked = [_parameter("name", serving)], sorted({*ASKED, "404"} - {"422"})
    rows = {"type": "object", "properties": {form: {"type": "array"} for form in ("instances", "inputs")}}
    body = taking(rows, None if serving is None else {"instances": [serving.example]})
    ready, answer = _object("name", "ready"), _object("predictions")
    paths[MODEL] = {"get": operation("KServe v1: the model", ready, _ERROR, "404", "503", parameters=name)}
    told = operation("KServe v1: predict", answer, _ERROR, *asked, parameters=[*name, *HEADERS], requestBody=body)
    return {**paths, PREDICT: {"post": told}}


def _paths_of(address: str, named: list[dict[str, object]], serving: Serving | None) -> dict[str, dict[str, object]]:
    """The paths of one model's address."""
    readable = {
        "": ("KServe: the model", _object("name", "versions", "platform", "inputs", "outputs")),
        "/ready": ("KServe: whether the model is ready", _object("name", "ready")),
        "/config": ("KServe: the model's configuration", _object("name", "platform")),
        "/stats": ("KServe: what was counted", _object("model_stats")),
    }
    paths: dict[str, dict[str, object]] = {
        address + end: {"get": operation(about, answer, _ERROR, "404", "503", parameters=named)}
        for end, (about, answer) in readable.items()
    }
    answer, asked = _object("model_name", "model_version", "outputs"), sorted({*ASKED, "404"} - {"422"})
    about = "How many bytes of the body are JSON; the data of tensors is behind them."
    length = {"name": HEADER, "in": "header", "description": about, "schema": {"type": "integer", "minimum": 0}}
    taken = {"parameters": [*named, *HEADERS, length], "requestBody": _request(serving)}
    return {**paths, f"{address}/infer": {"post": operation("KServe: predict", answer, _ERROR, *asked, **taken)}}


def _object(*names: str) -> dict[str, object]:
    types = {"live": "boolean", "ready": "boolean", "extensions": "array", "versions": "array"}
    types |= dict.fromkeys(("models", "model_stats", "predictions"), "array")
    properties: dict[str, object] = {name: {"type": types.get(name, "string")} for name in names}
    lists: dict[str, object] = {
        name: {"type": "array", "items": _TENSOR} for name in ("inputs", "outputs") if name in names
    }
    return {"type": "object", "required": list(names), "properties": properties | lists}


def _parameter(name: str, serving: Serving | None) -> dict[str, object]:
    known = {} if serving is None else {"example": serving.manifest.project if name == "name" else serving.version}
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}, **known}


def _request(serving: Serving | None) -> dict[str, object]:
    ours = {} if serving is None else {"enum": [tensor["name"] for tensor in _inputs(serving)]}
    theirs = {} if serving is None else {"enum": [tensor["name"] for tensor in _outputs(serving)]}
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "properties": {
            "name": {"type": "string", **ours},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": 2},
            "datatype": {"enum": list(DATATYPES)},
            "data": {"type": "array"},
            "parameters": {"description": "binary_data_size, in place of data; others are ignored."},
        },
    }
    output = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", **theirs}}}
    schema = {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "parameters": {"description": "binary_data_output; others are ignored."},
            "inputs": {"type": "array", "minItems": 1, "items": tensor},
            "outputs": {"type": "array", "items": output},
        },
    }
    if serving is None:
        return taking(schema)
    example = [{**tensor, "shape": [1], "data": [serving.example[tensor["name"]]]} for tensor in _inputs(serving)]
    return taking(schema, {"inputs": example})
