"""A project, its champion and its settings as one `Service`, from which omloop makes everything that it delivers."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import EXTRAS, OmloopError, Project, Settings, UnknownNameError, without_secrets
from omloop.deploy import IMAGES, DeploySettings, GoogleSettings, Service
from omloop.deploy.lock import locked
from omloop.loop.project.discover import find_project
from omloop.loop.project.presets import presets_of
from omloop.loop.settings import SETTINGS

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.loop.workspace import Workspace

ELSEWHERE = ("store", "track", "predictions", "shared_cache")
"""Settings at the top that say where something lies; the others there are folders of this machine."""
OWN = ("deploy", "google", "compute", "vertex", "kaggle", "ui")
"""Sections that no container is told of: they are for who delivers, trains elsewhere, or looks at a page here."""
HERE = ("host", "port", "keys")
"""Settings of a server that hold on this machine alone, unless they name a variable."""
BY_SCHEME: Mapping[str, str] = {"gs://": "gcs", "s3://": "s3", "postgres": "postgres"}
"""How an address begins, and the extra that reaches it."""
BY_VARIABLE: Mapping[str, str] = {"OMLOOP_OIDC_ISSUER": "oidc", "OMLOOP_TRACES": "otel"}
"""A setting of whoever listens, and the extra that does what it says."""


def service_of(given: str, workspace: Workspace, root: Path) -> Service:
    """The service of a project that lies in the repository at `root`; its packages have no locks yet.

    It reads no memory, unless the server's image carries the champion. So files are the same wherever you make them,
    and no promotion makes them out of date. Raises OmloopError for a project outside of the repository, and what
    `find_project` raises.
    """
    project = find_project(given, workspace.settings)
    settings = workspace.settings.of(DeploySettings)
    bundle = _champion(project.name, workspace) if settings.bake else None
    variables = container_settings(workspace.settings)
    told = {name: value for name, value in variables.items() if without_secrets(value) == value}
    return Service(
        project=project.name,
        summary=project.summary,
        folder=_within(project, root),
        python="{}.{}".format(*sys.version_info[:2]),
        omloop=settings.omloop or f"omloop=={importlib.metadata.version('omloop')}",
        version="" if bundle is None else bundle.version,
        wheel=_wheel(settings.omloop, root),
        extras=_extras(project, settings, variables),
        torch=_pinned("torch"),
        variables=told,
        secrets=tuple(name for name in variables if name not in told),
        labels={} if bundle is None else _labels(bundle),
        settings=settings,
        google=workspace.settings.of(GoogleSettings),
        presets=presets_of(project),
    )


def with_locks(service: Service, root: Path, kinds: Iterable[str] = IMAGES, *, update: bool = False) -> Service:
    """The service with the packages of images.

    They come from a lock in the repository, unless its requirements differ, or `update` takes the packages installed
    here.
    """
    known = {kind: root / service.place / "locks" / f"{kind}.txt" for kind in kinds}
    texts = {kind: path.read_text() if path.is_file() and not update else "" for kind, path in known.items()}
    made: dict[tuple[str, ...], str] = {}
    for kind in known:
        extras = service.extras[kind]
        if extras not in made:
            made[extras] = locked(extras, service.python, known=texts[kind])
    return replace(service, locks={kind: made[service.extras[kind]] for kind in known})


def container_settings(settings: Settings) -> dict[str, str]:
    """Settings from here that hold for containers too, as variables: addresses, and sections of rooms.

    >>> container_settings(Settings(store="gs://models/rides", workspace="/home/ada"))
    {'OMLOOP_STORE': 'gs://models/rides'}
    """
    found = {name: str(getattr(settings, name)) for name in ELSEWHERE}
    found = {name: value for name, value in found.items() if ":" in value}
    every = {(one.section, one.key): one.name for one in SETTINGS.every().values()}
    for section, keys in settings.rooms.items():
        if section not in OWN:
            there = {key: str(value) for key, value in keys.items() if key not in HERE or str(value).startswith("env:")}
            found |= {every[section, key]: value for key, value in there.items()}
    return {f"OMLOOP_{name.upper()}": value for name, value in found.items()}


def _champion(project: str, workspace: Workspace) -> Bundle:
    registry = workspace.registry(project)
    return registry.load(registry.require_champion())


def _extras(project: Project, settings: DeploySettings, variables: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The extras of each image: what reaches the memories, what answers, and what trains the project's models."""
    values = variables.values()
    reach = {extra for scheme, extra in BY_SCHEME.items() if any(value.startswith(scheme) for value in values)}
    further = {extra.strip() for extra in settings.extras.split(",") if extra.strip()}
    if unknown := sorted(further - set(EXTRAS)):
        raise UnknownNameError("extra of omloop", unknown[0], EXTRAS)
    answers = (
        reach
        | further
        | set(project.inputs.extras)
        | {model.serves for model in project.models.values() if model.serves}
    )
    guarded = answers | {extra for name, extra in BY_VARIABLE.items() if name in variables}
    trains = answers | {"train", "watch", *(one.extra for one in project.models.values() if one.best == "always")}
    found = {"serve": guarded, "watch": answers | {"watch"}, "train": trains, "evaluate": trains, "probe": reach}
    found["ui"] = guarded | {"ui", "watch"}
    return {kind: tuple(sorted(extras)) for kind, extras in found.items()}


def _labels(bundle: Bundle) -> dict[str, str]:
    """What an image tells of the version that it carries; see
    https://github.com/opencontainers/image-spec/blob/main/annotations.md.
    """
    made = bundle.manifest.lineage
    scores = " ".join(f"{name}={one.value:.4g}" for name, one in sorted(bundle.manifest.tested.items()))
    return {
        "io.omloop.version": bundle.version,
        "io.omloop.run": made.run,
        "io.omloop.data": made.data_fingerprint,
        "io.omloop.metrics": scores,
    }


def _within(project: Project, root: Path) -> str:
    folder = project.folder
    if folder is not None and folder.resolve().is_relative_to(root.resolve()):
        return folder.resolve().relative_to(root.resolve()).as_posix()
    where = "an installed package" if folder is None else f"'{folder}'"
    raise OmloopError(
        f"The project '{project.name}' lies in {where}, and images are built of what lies in '{root}'. Run this at the "
        f"root of the repository that holds the project, or copy it there: omloop new NAME --like {project.name}"
    )


def _wheel(omloop: str, root: Path) -> str:
    """The wheel to install as omloop, relative to the repository; empty where pip fetches omloop."""
    if not omloop.endswith(".whl"):
        return ""
    path = (root / omloop).resolve()
    if not path.is_file() or not path.is_relative_to(root.resolve()):
        raise OmloopError(f"deploy_omloop is '{omloop}', but there is no such file in '{root}'. Build it there first.")
    return path.relative_to(root.resolve()).as_posix()


def _pinned(package: str) -> str:
    try:
        return f"{package}=={importlib.metadata.version(package).partition('+')[0]}"
    except importlib.metadata.PackageNotFoundError:
        return package
