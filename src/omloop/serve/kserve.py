"""The Open Inference Protocol (KServe v2, as Triton and MLServer speak it), over JSON.

A request brings one tensor a column of the signature, of shape [n] or [n, 1]; texts, categories and pictures in base64
are BYTES. An answer brings one tensor for each thing that a prediction says, and `id`, by which labels come back.
"""

import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omloop.serve.compat import (
    JSON,
    Answered,
    Endpoint,
    Way,
    apart,
    decoded,
    operation,
    predict,
    receive,
    rows_body,
    said,
    serving_of,
    taking,
    telling,
    translated,
)
from omloop.serve.front import Front
from omloop.serve.openapi import ASKED, HEADERS
from omloop.serve.refusal import Refusal
from omloop.serve.replies import json_response
from omloop.serve.serving import Serving

_NUMBERS = ("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64")
_DATATYPES = (*_NUMBERS, "BYTES")
_OF_SCHEMA = {"integer": "INT64", "number": "FP64"}
_MODEL = "/v2/models/{name}"
_VERSION = "/v2/models/{name}/versions/{version}"
_TENSOR = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {
        "name": {"type": "string"},
        "datatype": {"enum": list(_DATATYPES)},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}},
        "parameters": {"type": "object"},
        "data": {"type": "array"},
    },
}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def kserve(front: Front) -> Way:
    """The way `kserve`."""
    protocol = _Protocol(front)
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/v2", protocol.server),
        ("GET", "/v2/health/live", protocol.live),
    ]
    table.append(("GET", "/v2/health/ready", protocol.ready))
    for model in (_MODEL, _VERSION):
        table += [
            ("GET", model, protocol.model),
            ("GET", f"{model}/ready", protocol.model_ready),
            ("POST", f"{model}/infer", protocol.infer),
        ]
    routes, templates = [], {}
    for method, path, endpoint in table:
        told = telling(endpoint, lambda refusal: {"error": said(refusal)}, most=400)
        routes.append(Route(path, told, methods=[method]))
        templates[told] = path
    return Way(routes, templates, _paths)


class _Protocol:
    """The endpoints."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def server(self, request: Request) -> Response:
        return json_response({"name": "omloop", "version": version("omloop"), "extensions": []})

    async def live(self, request: Request) -> Response:
        return json_response({"live": True})

    async def ready(self, request: Request) -> Response:
        self._require_ready()
        return json_response({"ready": True})

    async def model(self, request: Request) -> Response:
        return json_response(_metadata(self._named(request)))

    async def model_ready(self, request: Request) -> Response:
        serving = self._named(request)
        self._require_ready()
        return json_response({"name": serving.manifest.project, "ready": True})

    async def infer(self, request: Request) -> Response:
        """Predict; the body's tensors become rows, and predictions tensors."""
        serving = self._named(request)
        asked = await receive(request, self._front, (JSON,))
        body, content, wanted = await translated(self._front, asked, _rows, asked.content, serving)
        answered = await predict(self._front, asked, content, JSON)
        tensors = await apart(_tensors, answered, wanted, size=100 * len(answered.predictions))
        told = {"model_name": serving.manifest.project, "model_version": answered.version}
        named = {"id": body["id"]} if "id" in body else {}
        return json_response({**told, **named, "outputs": tensors})

    def _require_ready(self) -> None:
        refusal = self._front.ready()
        if refusal is not None:
            raise refusal

    def _named(self, request: Request) -> Serving:
        """The version that serves, if it is the one in the address; raises Refusal 404."""
        serving, asked = serving_of(self._front), request.path_params
        if asked["name"] != serving.manifest.project:
            raise Refusal(404, f"there is no model '{asked['name']:.80}'; there is {serving.manifest.project}")
        if asked.get("version", serving.version) != serving.version:
            raise Refusal(404, f"version '{asked['version']:.80}' does not serve; {serving.version} does")
        return serving


def _rows(content: bytes, serving: Serving) -> tuple[dict[str, Any], bytes, Sequence[str]]:
    """The body, its tensors as rows in our own words, and the names of the outputs that are wanted."""
    body = decoded(content)
    if not isinstance(body, dict) or not isinstance(body.get("inputs"), list) or not body["inputs"]:
        raise Refusal(400, 'the body must be an object with tensors, {"inputs": [...]}')
    if not isinstance(body.get("id", ""), str):
        raise Refusal(400, "must be a text", field="id")
    columns: dict[str, list[Any]] = {}
    for index, tensor in enumerate(body["inputs"]):
        name, values = _tensor(tensor, f"inputs[{index}]")
        if name in columns:
            raise Refusal(400, f"the tensor '{name:.80}' is there twice", field=f"inputs[{index}].name")
        columns[name] = values
    counts = {len(values) for values in columns.values()}
    if len(counts) > 1:
        raise Refusal(400, f"the tensors have different lengths: {', '.join(map(str, sorted(counts)))}", field="inputs")
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return body, rows_body(rows), _wanted(body, serving)


def _tensor(tensor: Any, where: str) -> tuple[str, list[Any]]:
    """A tensor's name and its values, one a row."""
    if not isinstance(tensor, dict) or not {"name", "shape", "datatype", "data"} <= tensor.keys():
        raise Refusal(400, "must be an object with name, shape, datatype and data", field=where)
    name, shape, data = tensor["name"], tensor["shape"], tensor["data"]
    if not isinstance(name, str):
        raise Refusal(400, "must be a text", field=f"{where}.name")
    if tensor["datatype"] not in _DATATYPES:
        raise Refusal(400, f"must be one of {', '.join(_DATATYPES)}", field=f"{where}.datatype")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise Refusal(400, "must be a list of whole numbers", field=f"{where}.shape")
    if len(shape) not in (1, 2) or shape[1:] not in ([], [1]):
        raise Refusal(400, "must be [n] or [n, 1], one value a row", field=f"{where}.shape")
    if not isinstance(data, list):
        raise Refusal(400, "must be a list; binary tensors are not accepted", field=f"{where}.data")
    values = [one[0] if isinstance(one, list) and len(one) == 1 else one for one in data]
    if len(values) != math.prod(shape):
        raise Refusal(400, f"has {len(values)} values, the shape says {math.prod(shape)}", field=f"{where}.data")
    return name, values


def _wanted(body: Mapping[str, Any], serving: Serving) -> Sequence[str]:
    """The names of the wanted outputs, all for none; raises Refusal 400."""
    outputs, there = body.get("outputs", []), [tensor["name"] for tensor in _outputs(serving)]
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        raise Refusal(400, "must be a list of objects with a name", field="outputs")
    for index, output in enumerate(outputs):
        if output.get("name") not in there:
            raise Refusal(400, f"must be one of {', '.join(there)}", field=f"outputs[{index}].name")
    return [output["name"] for output in outputs]


def _tensors(answered: Answered, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The predictions as tensors, one for each thing that they say."""
    first = answered.predictions[0]
    return [
        _output(name, [prediction[name] for prediction in answered.predictions])
        for name in first
        if not wanted or name in wanted
    ]


def _output(name: str, values: list[Any]) -> dict[str, Any]:
    described = _described(name, values[0])
    shape = [len(values), *described["shape"][1:]]
    data = [share for value in values for share in value.values()] if isinstance(values[0], dict) else values
    return {**described, "shape": shape, "data": data}


def _described(name: str, value: Any) -> dict[str, Any]:
    """A tensor's name, datatype and shape, by one of its values."""
    if isinstance(value, dict):
        return {"name": name, "datatype": "FP64", "shape": [-1, len(value)], "parameters": {"classes": ",".join(value)}}
    types = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
    return {"name": name, "datatype": types[type(value)], "shape": [-1]}


def _inputs(serving: Serving) -> list[dict[str, Any]]:
    properties = serving.kind.schema()["properties"]
    return [
        {"name": name, "datatype": _datatype(schema.get("type")), "shape": [-1]} for name, schema in properties.items()
    ]


def _datatype(kind: Any) -> str:
    kinds = kind if isinstance(kind, list) else [kind]
    return next((_OF_SCHEMA[one] for one in kinds if one in _OF_SCHEMA), "BYTES")


def _outputs(serving: Serving) -> list[dict[str, Any]]:
    (remarks,) = serving.kind.remarks(serving.kind.parse([serving.example]))
    return [_described(name, value) for name, value in {"id": "", **serving.answer, **remarks}.items()]


def _metadata(serving: Serving) -> dict[str, Any]:
    return {
        "name": serving.manifest.project,
        "versions": [serving.version],
        "platform": "onnx_onnxv1",
        "inputs": _inputs(serving),
        "outputs": _outputs(serving),
    }


def _paths(serving: Serving | None) -> dict[str, Any]:
    """The part of the OpenAPI document."""
    paths: dict[str, Any] = {
        "/v2": {"get": operation("KServe: the server", _object("name", "version", "extensions"), _ERROR)},
        "/v2/health/live": {"get": operation("KServe: whether the process is alive", _object("live"), _ERROR)},
        "/v2/health/ready": {"get": operation("KServe: whether a version serves", _object("ready"), _ERROR, "503")},
    }
    for address in (_MODEL, _VERSION):
        names = ["name", "version"] if address == _VERSION else ["name"]
        named = [_parameter(name, serving) for name in names]
        about = "404", "503"
        metadata, ready = _object("name", "versions", "platform", "inputs", "outputs"), _object("name", "ready")
        paths[address] = {"get": operation("KServe: the model", metadata, _ERROR, *about, parameters=named)}
        paths[f"{address}/ready"] = {
            "get": operation("KServe: whether the model is ready", ready, _ERROR, *about, parameters=named)
        }
        answer = _object("model_name", "model_version", "outputs")
        asked = sorted({*ASKED, "404"} - {"422"})
        paths[f"{address}/infer"] = {
            "post": operation(
                "KServe: predict", answer, _ERROR, *asked, parameters=[*named, *HEADERS], requestBody=_request(serving)
            )
        }
    return paths


def _object(*names: str) -> dict[str, Any]:
    types = {"live": "boolean", "ready": "boolean", "extensions": "array", "versions": "array"}
    properties: dict[str, Any] = {name: {"type": types.get(name, "string")} for name in names}
    lists = {name: {"type": "array", "items": _TENSOR} for name in ("inputs", "outputs") if name in names}
    return {"type": "object", "required": list(names), "properties": {**properties, **lists}}


def _parameter(name: str, serving: Serving | None) -> dict[str, Any]:
    known = {} if serving is None else {"example": serving.manifest.project if name == "name" else serving.version}
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}, **known}


def _request(serving: Serving | None) -> dict[str, Any]:
    ours = {} if serving is None else {"enum": [tensor["name"] for tensor in _inputs(serving)]}
    theirs = {} if serving is None else {"enum": [tensor["name"] for tensor in _outputs(serving)]}
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype", "data"],
        "properties": {
            "name": {"type": "string", **ours},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": 2},
            "datatype": {"enum": list(_DATATYPES)},
            "data": {"type": "array"},
        },
    }
    output = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", **theirs}}}
    schema = {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "parameters": {"description": "Ignored, here and in a tensor."},
            "inputs": {"type": "array", "minItems": 1, "items": tensor},
            "outputs": {"type": "array", "items": output},
        },
    }
    if serving is None:
        return taking(schema)
    example = [{**tensor, "shape": [1], "data": [serving.example[tensor["name"]]]} for tensor in _inputs(serving)]
    return taking(schema, {"inputs": example})
