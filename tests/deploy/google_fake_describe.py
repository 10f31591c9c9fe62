"""What Google's own descriptions say about a request: discovery documents, and the types of its Python clients."""

import base64
import importlib
import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from google.protobuf import json_format

# The documents behind each host. Vertex AI's hosts begin with a region, see `documents_of`.
DOCUMENTS = {
    "run.googleapis.com": ("run.v2",),
    "cloudscheduler.googleapis.com": ("cloudscheduler.v1",),
    "artifactregistry.googleapis.com": ("artifactregistry.v1",),
    "secretmanager.googleapis.com": ("secretmanager.v1",),
    "iam.googleapis.com": ("iam.v1",),
    "storage.googleapis.com": ("storage.v1",),
    "monitoring.googleapis.com": ("monitoring.v3",),
    "logging.googleapis.com": ("logging.v2",),
    "billingbudgets.googleapis.com": ("billingbudgets.v1",),
    "cloudbilling.googleapis.com": ("cloudbilling.v1",),
    "serviceusage.googleapis.com": ("serviceusage.v1",),
    "cloudresourcemanager.googleapis.com": ("cloudresourcemanager.v3", "cloudresourcemanager.v1"),
    "cloudbuild.googleapis.com": ("cloudbuild.v1",),
    "aiplatform.googleapis.com": ("aiplatform.v1",),
}
# Schemas that one of Google's Python clients knows too, as a module and a class.
TYPES = {
    ("run.v2", "GoogleCloudRunV2Service"): ("google.cloud.run_v2", "Service"),
    ("run.v2", "GoogleCloudRunV2Job"): ("google.cloud.run_v2", "Job"),
    ("cloudscheduler.v1", "Job"): ("google.cloud.scheduler_v1", "Job"),
    ("monitoring.v3", "AlertPolicy"): ("google.cloud.monitoring_v3", "AlertPolicy"),
    ("monitoring.v3", "NotificationChannel"): ("google.cloud.monitoring_v3", "NotificationChannel"),
}
FORMATS = {
    "google-duration": re.compile(r"-?\d+(\.\d{1,9})?s"),
    "google-datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "int64": re.compile(r"-?\d{1,19}"),
    "uint64": re.compile(r"\d{1,20}"),
}
_REQUIRED = re.compile(r"required[.:,]", re.IGNORECASE)  # not "Required if ..." or "Required for ..."


@dataclass(frozen=True)
class Method:
    """A method of an API, as its discovery document tells it."""

    document: str
    id: str
    http: str
    template: str
    parameters: dict[str, Any]
    request: str | None
    response: str | None

    @property
    def collection(self) -> str:
        return self.id.rpartition(".")[0]

    @property
    def verb(self) -> str:
        return self.id.rpartition(".")[2]


@cache
def document(name: str) -> Any:
    """A discovery document such as `run.v2`, read once."""
    return json.loads((_folder() / f"{name}.json").read_text("utf-8"))


@cache
def known_services() -> set[str]:
    """The APIs that there are, by the names that a project enables them with."""
    return {f"{one.name.partition('.')[0]}.googleapis.com" for one in _folder().iterdir()}


def _folder() -> Path:
    package = importlib.util.find_spec("googleapiclient")
    assert package is not None and package.origin is not None, "pip install google-api-python-client"
    return Path(package.origin).parent / "discovery_cache" / "documents"


def documents_of(host: str) -> tuple[str, ...]:
    """Which documents describe a host; of Vertex AI each region has one."""
    return DOCUMENTS.get(re.sub(r"^[a-z0-9-]+-aiplatform\.", "aiplatform.", host), ())


def regions_of(name: str) -> set[str]:
    """Where an API is: its locational endpoints, or Cloud Run's for an API that has none."""
    if name == "iam.v1":
        return {"global"}
    told = [document(one).get("endpoints", []) for one in (name, "run.v2")]
    places = [{one["location"] for one in each if one["description"] == "Locational Endpoint"} for each in told]
    several = {"asia", "europe", "us"} if name == "artifactregistry.v1" else set()
    return (places[0] or places[1]) | several | ({"global"} if name == "cloudbuild.v1" else set())


@cache
def _methods(name: str) -> dict[tuple[str, int], list[Method]]:
    found: dict[tuple[str, int], list[Method]] = {}
    described = document(name)
    for one in _walk(described["resources"]):
        template = described["servicePath"] + one.get("flatPath", one["path"])
        request, response = one.get("request", {}).get("$ref"), one.get("response", {}).get("$ref")
        method = Method(name, one["id"], one["httpMethod"], template, one.get("parameters", {}), request, response)
        found.setdefault((method.http, template.count("/")), []).append(method)
    return found


def _walk(resources: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in resources.values():
        yield from one.get("methods", {}).values()
        yield from _walk(one.get("resources", {}))


def find(host: str, http: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method behind a path, with what stands at its places; of several, the one that says most itself."""
    found = []
    for name in documents_of(host):
        for method in _methods(name).get((http, path.count("/")), ()):
            if (places := _places(method.template, path)) is not None:
                found.append((len(re.sub(r"\{.*?\}", "", method.template)), method, places))
    return max(found, key=lambda one: one[0])[1:] if found else None


def _places(template: str, path: str) -> dict[str, str] | None:
    places = {}
    for wanted, given in zip(template.split("/"), path.split("/"), strict=True):
        place, verb = re.fullmatch(r"(?:\{(.*)\})?(.*)", wanted).groups()  # type: ignore[union-attr]
        if not given.endswith(verb) or (len(given) == len(verb)) == bool(place):
            return None
        if not place and given != verb:
            return None
        if place:
            places[place] = unquote(given.removesuffix(verb))
    return places


@dataclass(frozen=True)
class Violation:
    """A field that Google would refuse, as its servers name it, and why."""

    field: str
    text: str


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def root_of(schema: str) -> str:
    """How an error calls the body: `service` for a service; nothing for a request, whose fields it names alone."""
    short = re.sub(r"^Google[A-Z][A-Za-z]*?V\d+", "", schema)
    return "" if short.endswith("Request") else _snake(short)


def wrong_fields(name: str, schema: str, body: Any, at: str = "") -> Iterator[Violation]:
    """Fields of a body that the schema does not know, or whose values it does not take."""
    properties = document(name)["schemas"][schema].get("properties", {})
    if "additionalProperties" in document(name)["schemas"][schema]:
        yield from _wrong_map(name, document(name)["schemas"][schema], body, at)
        return
    if not isinstance(body, dict):
        yield Violation(at, f"Invalid value at '{at}' ({schema}), {json.dumps(body)}")
        return
    for key, value in body.items():
        if key not in properties:
            where = f" at '{at}'" if at else ""
            text = f'Invalid JSON payload received. Unknown name "{key}"{where}: Cannot find field.'
            yield Violation(at, text)
        elif value is not None:
            yield from _wrong(name, properties[key], value, f"{at}.{_snake(key)}".lstrip("."))


def _wrong(name: str, described: dict[str, Any], value: Any, at: str) -> Iterator[Violation]:
    if "$ref" in described:
        yield from wrong_fields(name, described["$ref"], value, at)
    elif described["type"] == "array":
        if not isinstance(value, list):
            yield Violation(at, f"Invalid value at '{at}' (repeated field), {json.dumps(value)}")
            return
        for number, one in enumerate(value):
            yield from _wrong(name, described["items"], one, f"{at}[{number}]")
    elif described["type"] == "object":
        yield from _wrong_map(name, described, value, at)
    elif (expected := _wrong_scalar(described, value)) is not None:
        yield Violation(at, f"Invalid value at '{at}' ({expected}), {json.dumps(value)}")


def _wrong_map(name: str, described: dict[str, Any], value: Any, at: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(at, f"Invalid value at '{at}' (map), {json.dumps(value)}")
        return
    if "properties" in described:  # a message that the document tells in place
        for key in value.keys() - described["properties"].keys():
            yield Violation(at, f"Invalid JSON payload received. Unknown name \"{key}\" at '{at}': Cannot find field.")
    for key, one in value.items():
        inner = described.get("properties", {}).get(key, described.get("additionalProperties"))
        if inner is not None and one is not None:
            yield from _wrong(name, inner, one, f"{at}[{key}]")


def _wrong_scalar(described: dict[str, Any], value: Any) -> str | None:
    """The type that a value misses, in the word of Google's servers; None if it fits."""
    kind, shape = described["type"], described.get("format", "")
    if kind == "any":
        return None
    if kind == "boolean":
        return None if isinstance(value, bool) else "TYPE_BOOL"
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "number":
        return None if number or value in ("NaN", "Infinity", "-Infinity") else "TYPE_DOUBLE"
    if kind == "integer":
        fits = (number and value == int(value)) or (isinstance(value, str) and re.fullmatch(r"-?\d+", value))
        return None if fits and -(2**31) <= int(value) < 2**32 else f"TYPE_{shape.upper() or 'INT32'}"
    if shape in ("int64", "uint64") and number and value == int(value):
        return None
    return _wrong_text(described, value, shape)


def _wrong_text(described: dict[str, Any], value: Any, shape: str) -> str | None:
    if not isinstance(value, str):
        return "TYPE_STRING"
    if "enum" in described and value not in described["enum"]:
        return "TYPE_ENUM"
    if shape in FORMATS and not FORMATS[shape].fullmatch(value):
        return {"google-duration": "Duration", "google-datetime": "Timestamp"}.get(shape, f"TYPE_{shape.upper()}")
    if shape == "byte":
        try:
            base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
        except ValueError:
            return "TYPE_BYTES"
    return None


def missing(name: str, schema: str, body: dict[str, Any], at: str = "", method: str = "") -> Iterator[str]:
    """Fields that the document calls required and that a body, or a message within it, lacks."""
    for key, described in document(name)["schemas"][schema].get("properties", {}).items():
        here, value = f"{at}.{_snake(key)}".lstrip("."), body.get(key)
        if value in (None, "", []):
            noted = method in described.get("annotations", {}).get("required", ())  # Cloud Storage's own way
            if noted or (_REQUIRED.match(described.get("description", "")) and not described.get("readOnly")):
                yield here
            continue
        if "$ref" in described:
            yield from missing(name, described["$ref"], value, here, method)
        inner = described.get("items", described.get("additionalProperties", {})).get("$ref")
        if inner is not None:
            for place, one in value.items() if isinstance(value, dict) else enumerate(value):
                yield from missing(name, inner, one, f"{here}[{place}]", method)


def written(name: str, schema: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body without what only the server sets, which Google ignores on input, and without nulls."""
    kept: dict[str, Any] = {}
    for key, value in body.items():
        described = document(name)["schemas"][schema]["properties"][key]
        output_only = described.get("readOnly") or described.get("description", "").startswith("Output only.")
        if value is None or output_only:
            continue
        if "$ref" in described:
            value = written(name, described["$ref"], value)  # noqa: PLW2901
        elif described["type"] == "array" and "$ref" in described["items"]:
            value = [written(name, described["items"]["$ref"], one) for one in value]  # noqa: PLW2901
        kept[key] = value
    return kept


def masked(name: str, schema: str, mask: str) -> list[list[str]]:
    """The paths of a field mask, as keys of JSON. Raises KeyError with the path that the schema does not know."""
    return [_path(name, schema, one) for one in mask.split(",")]


def _path(name: str, schema: str, path: str) -> list[str]:
    keys, described = [], {"$ref": schema}
    for part in path.split("."):
        if "$ref" in described:
            key = re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), part)
            described = document(name)["schemas"][described["$ref"]]["properties"].get(key)
        else:
            key, described = part, described.get("additionalProperties")  # type: ignore[assignment]
        if described is None:
            raise KeyError(path)
        keys.append(key)
    return keys


def typed(name: str, schema: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body as Google's own client type reads and writes it. Raises ValueError for what the type refuses."""
    if (name, schema) not in TYPES:
        return body
    module, word = TYPES[name, schema]
    message = getattr(importlib.import_module(module), word).pb()()
    try:
        json_format.ParseDict(body, message, ignore_unknown_fields=False)
    except json_format.ParseError as error:
        raise ValueError(str(error)) from error
    told: dict[str, Any] = json_format.MessageToDict(message)
    return told
