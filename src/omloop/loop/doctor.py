"""What works on this machine, what is missing and how to get it: everything is tried, nothing assumed."""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

from omloop.core import (
    EXTRAS,
    Blobs,
    ConflictError,
    Diagnosis,
    OmloopError,
    can_import,
    cpu_quota,
    install_command,
    split_address,
    write_whole,
)
from omloop.data import kaggle_request
from omloop.data.sources.kaggle import KaggleSettings
from omloop.loop.project.discover import find_project, project_names
from omloop.loop.serving.tidying import old_leftovers
from omloop.monitor import Damage, FilePredictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omloop.loop.workspace import Workspace

PROBE_TIMEOUT_S = 5.0
STORE_PROBE = ".omloop-doctor"
"""What a store keeps of having been examined; no project is called so."""


def examine(workspace: Workspace) -> list[Diagnosis]:
    """Try everything once: interpreter, extras, stores, projects, credentials."""
    return [
        *_machine(),
        *_extras(),
        *_stores(workspace),
        *_projects(workspace),
        *_logs(workspace),
        _kaggle(workspace),
    ]


def _machine() -> Iterator[Diagnosis]:
    yield Diagnosis("Python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield Diagnosis("omloop", "ok", importlib.metadata.version("omloop"))
    yield Diagnosis("cores", "ok", f"{cpu_quota()} may be used")


def _extras() -> Iterator[Diagnosis]:
    for extra, libraries in EXTRAS.items():
        absent = [name for name in libraries if not can_import(name)]
        what = f"extra {extra}"
        if absent:
            lost = ", ".join(libraries[name] for name in absent)
            yield Diagnosis(what, "missing", f"would bring {lost}", install_command(extra))
        else:
            yield Diagnosis(what, "ok", ", ".join(libraries.values()))


def _stores(workspace: Workspace) -> Iterator[Diagnosis]:
    probe = workspace.root / ".doctor"
    try:
        write_whole(probe, b"omloop")
        probe.unlink()
        yield Diagnosis("workspace", "ok", f"{workspace.root.resolve()} can be written")
    except OmloopError as error:
        yield Diagnosis("workspace", "broken", str(error), "--workspace FOLDER or OMLOOP_WORKSPACE")
    if split_address(workspace.settings.store)[1]:
        yield _store(workspace.store(), workspace.settings.store)


def _store(blobs: Blobs, address: str) -> Diagnosis:
    """Create the same key twice: a store that lets both pass would let two champions be promoted at once."""
    try:
        blobs.list("")
        for _ in range(2):
            blobs.create(STORE_PROBE, b"omloop doctor")
    except ConflictError:
        return Diagnosis("store", "ok", f"{address} can be written, and of two writers it lets one win")
    except OmloopError as error:
        return Diagnosis("store", "broken", str(error), "set OMLOOP_STORE, or store in omloop.toml")
    told = f"{address} lets a key be created twice, so two versions could be promoted at once"
    return Diagnosis("store", "broken", told, "take a service that honours conditional writes (If-None-Match)")


def _projects(workspace: Workspace) -> Iterator[Diagnosis]:
    names = project_names(workspace.settings)
    if not names:
        step = "make one (omloop new), try an example (omloop examples), or run from a folder that holds projects/"
        yield Diagnosis("projects", "missing", f"none in '{workspace.settings.projects}'", step)
    for name in names:
        try:
            find_project(name, workspace.settings)
            champion = workspace.registry(name).champion()
            yield Diagnosis(f"project {name}", "ok", f"champion {champion}" if champion else "no version yet")
        except OmloopError as error:
            yield Diagnosis(f"project {name}", "broken", str(error))


def _logs(workspace: Workspace) -> Iterator[Diagnosis]:
    """Read every prediction log whole, and look for what killed processes left behind."""
    for folder in sorted(path for path in (workspace.root / "predictions").glob("*") if path.is_dir()):
        what = f"predictions of {folder.name}"
        try:
            with contextlib.closing(workspace.predictions(folder.name)) as predictions:
                if isinstance(predictions, FilePredictions):  # a stranger's memory may have other ways to be damaged
                    yield _log(what, predictions.damage())
        except OmloopError as error:
            yield Diagnosis(what, "broken", str(error))
    if left := old_leftovers(workspace.root, now=time.time()):
        step = "the next omloop serve removes them"
        yield Diagnosis("temporary files", "ok", f"{len(left)} of writers that were killed", step)


def _log(what: str, damage: Damage) -> Diagnosis:
    if damage.broken:
        step = "they are skipped; if a copy of the folder segments has them, put that in its place"
        return Diagnosis(what, "broken", f"{damage.broken} records cannot be read", step)
    if damage.torn:
        detail = f"{damage.torn} segments end within a record that was never answered: their process was killed"
        return Diagnosis(what, "ok", detail, "the next omloop serve cuts it off")
    return Diagnosis(what, "ok", "every record can be read")


def _kaggle(workspace: Workspace) -> Diagnosis:
    """Sign in to Kaggle with the credentials there are; the cheapest call that needs them."""
    url = workspace.settings.of(KaggleSettings).url
    address = f"{url}/datasets/list?page=1&user=kaggle"
    try:
        request = kaggle_request(address)
    except OmloopError as error:
        return Diagnosis("Kaggle", "missing", "no credentials", str(error).partition(". ")[2])
    try:
        with urllib.request.urlopen(request, timeout=PROBE_TIMEOUT_S):  # noqa: S310
            return Diagnosis("Kaggle", "ok", "the credentials were accepted")
    except OSError as error:
        reason = getattr(error, "reason", error)
        step = "check the credentials" if getattr(error, "code", 0) in (401, 403) else "check your connection"
        return Diagnosis("Kaggle", "broken", f"{url}: {reason}", step)
