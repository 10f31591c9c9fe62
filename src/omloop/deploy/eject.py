"""A version as a plain project: an application, its checks and its data, which need no omloop."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import msgspec
import orjson

from omloop.bundle import MODEL, Bundle
from omloop.core import OmloopError
from omloop.deploy.templates import FOLDER, render_file
from omloop.kinds import Column
from omloop.kinds.bodies import FILE_BYTES, TEXT_BYTES

ALSO: Mapping[str, str] = {"dockerignore": ".dockerignore", "workflows/ci.yml": ".github/workflows/ci.yml"}
"""Files with other names than their templates."""
PACKAGES = ("fastapi", "numpy", "onnxruntime", "prometheus-client", "uvicorn")
TOOLS = ("httpx", "pytest", "ruff")
"""What the tests of an ejected project take."""
LEAST: Mapping[str, str] = {"prometheus-client": "0.20", "httpx": "0.27", "pytest": "8", "ruff": "0.9"}
"""The oldest version of packages that need not be installed here."""
PARTS: Mapping[str, tuple[str, str]] = {
    "number": ("number", "_number"),
    "integer": ("number", "_number"),
    "category": ("category", "_category"),
    "boolean": ("boolean", "_boolean"),
    "date": ("moment", "_moment"),
    "datetime": ("moment", "_moment"),
    "text": ("words", "_text"),
}
"""The part of the code, and its function, that reads a type of column."""


@dataclass(frozen=True)
class EjectedProject:
    """A project without omloop: its code by path, and its data, below `model/`.

    `same_model` says whether it answers by the served variant; else it is the model as packaged. `left_out` are columns
    that its drift script does not look at.
    """

    code: Mapping[str, str]
    data: Mapping[str, bytes]
    same_model: bool
    left_out: tuple[str, ...]


def eject(bundle: Bundle) -> EjectedProject:
    """Write a version as a plain project; raises OmloopError for a kind of input that it cannot write."""
    signature = _signature(bundle)
    kind = signature["inputs"]["kind"]
    if not (FOLDER / f"eject/inputs/{kind}.py.jinja").is_file():
        raise OmloopError(f"A project over '{kind}' cannot be ejected yet. There are: image, table, text.")
    same, graph = _graph(bundle)
    reference, left_out = _reference(bundle, signature)
    values = {
        "bundle": bundle,
        "signature": signature,
        "kind": kind,
        "parts": _parts(signature["inputs"]),
        "encoders": {one: PARTS[one][1] for one in _types(signature["inputs"])},
        "graph_output": bundle.output.graph_output,
        "most_bytes": f"{FILE_BYTES if kind == 'image' else TEXT_BYTES:_}",
        "project": signature["project"],
        "version": bundle.version,
        "host": re.sub(r"[^a-z0-9]+", "-", signature["project"].lower()).strip("-") or "model",
        "python": "{}.{}".format(*sys.version_info[:2]),
        "requirements": sorted(_pinned(one) for one in (*PACKAGES, *_further(signature["inputs"]))),
        "tools": " ".join(_pinned(one) for one in TOOLS),
        "same_model": same,
        "left_out": ", ".join(left_out),
        "caution": " ".join(bundle.manifest.caution.split()),
    }
    data = {"model.onnx": graph, "examples.json": bundle.files["examples.json"], "reference.json": _json(reference)}
    data |= {"signature.json": _json(signature), **bundle.kind.assets}
    return EjectedProject(
        _code(values), {f"model/{name}": content for name, content in data.items()}, same, tuple(left_out)
    )


def _code(values: Mapping[str, Any]) -> dict[str, str]:
    """Every template that is a file of its own, filled in; those in `inputs/` are parts of one."""
    names = sorted(path.relative_to(FOLDER).as_posix() for path in (FOLDER / "eject").rglob("*.jinja"))
    own = [name for name in names if "/inputs/" not in name]
    called = {name: name.removeprefix("eject/").removesuffix(".jinja") for name in own}
    return {ALSO.get(called[name], called[name]): render_file(name, **values) for name in own}


def _signature(bundle: Bundle) -> dict[str, Any]:
    """What the code reads of inputs and output, instead of holding it."""
    inputs = dict(bundle.manifest.inputs)
    output = bundle.output.describe()
    described = {"kind": inputs["kind"], "refused": inputs.get("refused", {}), "keep": inputs.get("keep", True)}
    described["required"] = bundle.kind.schema()["required"]
    if inputs["kind"] == "table":
        described["columns"] = [_column(msgspec.convert(one, Column)) for one in _list(inputs["columns"])]
    else:
        described = {**msgspec.to_builtins(bundle.kind), **described}
        described.pop("tokenizer", None)
    if described.get("tokens"):
        described["filling"] = _filling(bundle.files["tokenizer.json"])
    if output["kind"] == "number":
        output = {"low": None, "high": None, "beyond": "keep", "interval": None, **output}
    else:
        output = {"calibration": "", **output, "thresholds": dict(bundle.output.thresholds)}
    return {"project": bundle.manifest.project, "version": bundle.version, "inputs": described, "output": output}


def _column(column: Column) -> dict[str, Any]:
    known = {
        "name": column.name,
        "type": column.type,
        "accepts": column.accepts,
        "missing": column.missing,
        "low": column.low,
        "high": column.high,
        "words": column.words,
        "other": column.other,
        "format": column.format,
        "size": column.size if column.type == "text" else 0,
    }
    return {name: value for name, value in known.items() if value or (value == 0 and name in ("low", "high"))}


def _types(inputs: Mapping[str, Any]) -> list[str]:
    return sorted({column["type"] for column in inputs.get("columns", ())})


def _parts(inputs: Mapping[str, Any]) -> set[str]:
    """Which parts of the code this model needs."""
    types = _types(inputs)
    parts = {PARTS[one][0] for one in types} | ({"integer"} & set(types))
    if inputs["kind"] == "text" and not inputs["tokens"] and not inputs["whole"]:
        parts.add("grams")
    return parts | ({"unicode"} if {"category", "words"} & parts else set())


def _further(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    if inputs["kind"] == "image":
        return ("pillow",)
    return ("tokenizers",) if inputs.get("tokens") else ()


def _graph(bundle: Bundle) -> tuple[bool, bytes]:
    """Whether it is the graph of the served variant, and the graph; ONNX Runtime must run it."""
    form = bundle.manifest.variants.get(bundle.manifest.served)
    same = form is None or form.engine == "onnxruntime"
    return same, bundle.graph("" if same else PurePath(MODEL).stem)


def _reference(bundle: Bundle, signature: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The counts of the training data by column, and the columns left out.

    It leaves out columns that an ejected project does not observe, and categories whose words share cells.
    """
    observed = {*bundle.kind.observed, *bundle.output.observed} - _unobserved(signature)
    columns, left_out = {}, []
    for name, cells in bundle.reference.columns.items():
        if name not in observed or cells.common:
            left_out.append(name)
            continue
        told = {"words": cells.categories} if cells.categories else {"edges": cells.edges}
        columns[name] = {**told, "counts": cells.counts}
    return {"rows": bundle.reference.rows, "columns": columns}, left_out


def _unobserved(signature: Mapping[str, Any]) -> set[str]:
    inputs, output = signature["inputs"], signature["output"]
    texts = [column["name"] for column in inputs.get("columns", ()) if column["type"] == "text"]
    fewer = {f"{name}: vocabulary {number}" for name in texts for number in range(1, 9)}
    fewer |= {"darkest", "comb", "flat_border", "hard_border"} if inputs["kind"] == "image" else set()
    fewer |= {"unknown_tokens", "pieces_per_word"} if inputs["kind"] == "text" else set()
    return fewer | ({"prediction"} if output.get("beyond") == "clip" else set())


def _filling(tokenizer: bytes) -> int:
    """The token that fills rows up; see `omloop.kinds.text.tokens`."""
    described = orjson.loads(tokenizer)
    added = {token["content"]: token["id"] for token in described.get("added_tokens") or ()}
    padding = described.get("padding") or {}
    return int(padding.get("pad_id", added.get("[PAD]", added.get("<pad>", 0))))


def _pinned(package: str) -> str:
    """The version installed here, so that the project answers there as here."""
    try:
        return f"{package}=={importlib.metadata.version(package).partition('+')[0]}"
    except importlib.metadata.PackageNotFoundError:
        return f"{package}>={LEAST[package]}" if package in LEAST else package


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
