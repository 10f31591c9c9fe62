"""Google's own descriptions of its APIs: the discovery documents that its Python client carries, and their methods."""

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


@cache
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
