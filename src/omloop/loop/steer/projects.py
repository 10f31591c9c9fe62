"""Projects: the overview of all, the facts of one, and rows to try it with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from omloop.loop.steer.facts import version_facts
from omloop.loop.steer.known_projects import known_projects
from omloop.loop.steer.project_row import project_row

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.loop.steer.request import SteerRequest

AT_ONCE = 4
"""How many projects to read at once: a store may be far away."""
EXAMPLES, MOST_EXAMPLES = 6, 64
MOST_SIGNATURES = 32
"""How many versions' signatures and examples to keep in memory: some are pictures."""


def list_projects(request: SteerRequest) -> dict[str, object]:
    """A row for every project that has a folder or versions."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {"projects": list(pool.map(partial(project_row, request), known_projects(request.workspace)))}


def get_project(request: SteerRequest) -> dict[str, object]:
    """The row of a project, and what its champion reads and answers."""
    row = project_row(request, request.project)
    champion = row["champion"]
    if champion is None:
        return {**row, **_NOTHING}
    manifest = version_facts(request, request.project, str(champion)).manifest
    signature = signature_of(request, str(champion))
    return {
        **row,
        "inputs": manifest.inputs,
        "outputs": manifest.outputs,
        "warning": manifest.caution,
        "schema": signature.schema,
        "fields": signature.fields,
        "media_types": signature.media_types,
        "observed": signature.observed,
    }


_NOTHING: dict[str, object] = {
    "inputs": None,
    "outputs": None,
    "warning": "",
    "schema": None,
    "fields": [],
    "media_types": [],
    "observed": {},
}


@dataclass(frozen=True)
class Signature:
    """A version's inputs: the schema of a row, its fields, media types, observed numbers, and example rows."""

    schema: dict[str, object]
    fields: list[str]
    media_types: list[str]
    observed: dict[str, list[str]]
    rows: list[object]


def signature_of(request: SteerRequest, version: str) -> Signature:
    """The signature of a version of the project; it reads the whole bundle once, as a kind may need its files."""

    def read() -> Signature:
        return _signature(request.workspace.registry(request.project).load(version))

    found: Signature = request.caches.once("signatures", (request.project, version), read, most=MOST_SIGNATURES)
    return found


def _signature(bundle: Bundle) -> Signature:
    kind = bundle.kind
    observed = {name: list(words) for name, words in {**kind.observed, **bundle.output.observed}.items()}
    return Signature(kind.schema(), list(kind.fields), list(kind.media_types), observed, list(bundle.examples.rows))


def get_examples(request: SteerRequest) -> dict[str, object]:
    """The first of the rows that the champion carries to prove itself, as `POST /v1/predict` takes them."""
    wanted = request.number("n", EXAMPLES, most=MOST_EXAMPLES)
    version = request.workspace.registry(request.project).require_champion()
    return {"version": version, "rows": signature_of(request, version).rows[:wanted]}
