"""Projects: the overview of all, what is known of one, and rows to try it with."""

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
    from omloop.loop.steer.request import Ask

AT_ONCE = 4
"""Projects that are read at once: a store may be far away."""
EXAMPLES, MOST_EXAMPLES = 6, 64
MOST_SIGNATURES = 32
"""Versions whose signature and examples are kept in memory: some are pictures."""


def list_projects(ask: Ask) -> dict[str, object]:
    """A row for every project that has a folder or versions."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {"projects": list(pool.map(partial(project_row, ask), known_projects(ask.workspace)))}


def get_project(ask: Ask) -> dict[str, object]:
    """The row of a project, and what its champion reads and answers."""
    row = project_row(ask, ask.project)
    champion = row["champion"]
    if champion is None:
        return {**row, **_NOTHING}
    manifest = version_facts(ask, ask.project, str(champion)).manifest
    signature = signature_of(ask, str(champion))
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
    """What a version reads: the schema of a row, its fields, media types, what is observed, and example rows."""

    schema: dict[str, object]
    fields: list[str]
    media_types: list[str]
    observed: dict[str, list[str]]
    rows: list[object]


def signature_of(ask: Ask, version: str) -> Signature:
    """The signature of a version of the project; its bundle is read whole once, as a kind may need its files."""

    def read() -> Signature:
        return _signature(ask.workspace.registry(ask.project).load(version))

    found: Signature = ask.caches.once("signatures", (ask.project, version), read, most=MOST_SIGNATURES)
    return found


def _signature(bundle: Bundle) -> Signature:
    kind = bundle.kind
    observed = {name: list(words) for name, words in {**kind.observed, **bundle.output.observed}.items()}
    return Signature(kind.schema(), list(kind.fields), list(kind.media_types), observed, list(bundle.examples.rows))


def get_examples(ask: Ask) -> dict[str, object]:
    """The first of the rows by which the champion proves itself, as `POST /v1/predict` takes them."""
    wanted = ask.number("n", EXAMPLES, most=MOST_EXAMPLES)
    version = ask.workspace.registry(ask.project).require_champion()
    return {"version": version, "rows": signature_of(ask, version).rows[:wanted]}
