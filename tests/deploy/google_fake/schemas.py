"""Which bodies Google takes: by the schemas of its discovery documents, and by the types of its Python clients."""

import base64
import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from tests.deploy.google_fake.describe import document

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


# How descriptions bound a text: "Cannot exceed 32 characters.", "The maximum length is 100 UTF-8 bytes.", and the like.
_LONGEST = re.compile(
    r"(?:exceed|maximum (?:allowed )?(?:\w+ )?length(?: \S+){0,5} is|limited to|more than|less than or equal to|up to) "
    r"(\d[\d,]*) (?:Unicode |UTF-8 )?(characters|bytes)"
)
# The rule that all of Google Cloud has for labels: https://cloud.google.com/resource-manager/docs/labels-overview.
_LABEL_KEY, _LABEL_VALUE = re.compile(r"[^\W\d_A-Z][\w-]{0,62}"), re.compile(r"[\w-]{0,63}")


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
    elif isinstance(value, str) and (bound := _LONGEST.search(described.get("description", ""))):
        length = len(value.encode() if bound[2] == "bytes" else value)
        if length > int(bound[1].replace(",", "")):
            yield Violation(at, f"Invalid value at '{at}': it has {length} {bound[2]}, of at most {bound[1]}.")


def wrong_labels(body: dict[str, Any]) -> Iterator[Violation]:
    """Labels that Google takes nowhere: with capitals, with dots, too long, too many."""
    for at in ("labels", "userLabels"):
        given = body.get(at, {})
        for key, value in given.items():
            lower = f"{key}{value}" == f"{key}{value}".lower()
            if not (lower and _LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value)):
                text = "only lowercase letters, digits, underscores and dashes, at most 63, and a letter first"
                yield Violation(_snake(at), f"Invalid label '{key}: {value}': a label takes {text}.")
        if len(given) > 64:
            yield Violation(_snake(at), "A resource can have at most 64 labels.")


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
