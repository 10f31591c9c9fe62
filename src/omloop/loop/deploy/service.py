"""A project, its champion and its settings as one `Service`, of which everything that is delivered is made."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from omloop.core import OmloopError, Project, Settings, without_secrets
from omloop.deploy import IMAGES, DeploySettings, SampleRequest, Service
from omloop.deploy.lock import locked
from omloop.loop.project.discover import find_project
from omloop.loop.settings import SETTINGS

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.loop.workspace import Workspace

ELSEWHERE = ("store", "track", "predictions", "shared_cache")
"""Settings at the top that say where something lies; the others there are folders of this machine."""
OWN = ("deploy", "vertex", "kaggle", "serve")
"""Sections that no container is told of: they are for who delivers, trains elsewhere, or listens here."""
BY_SCHEME: Mapping[str, str] = {"gs://": "gcs", "s3://": "s3", "postgres": "postgres"}
"""How an address begins, and the extra that reaches it."""


def service_of(given: str, workspace: Workspace, root: Path) -> Service:
    """The service of a project that lies in the repository at `root`; its packages are not locked yet.

    Raises OmloopError for a project outside of the repository, and what finding it raises.
    """
    project = find_project(given, workspace.settings)
    settings = workspace.settings.of(DeploySettings)
    registry = workspace.registry(project.name)
    version = registry.champion() or ""
    bundle = registry.load(version) if version else None
    variables = container_settings(workspace.settings)
    told = {name: value for name, value in variables.items() if without_secrets(value) == value}
    wheel = _wheel(settings.omloop, root)
    return Service(
        project=project.name,
        summary=project.summary,
        folder=_within(project, root),
        python="{}.{}".format(*sys.version_info[:2]),
        omloop=settings.omloop or f"omloop=={importlib.metadata.version('omloop')}",
        version=version,
        wheel=wheel,
        extras=_extras(project, bundle, variables),
        torch=_pinned("torch"),
        variables=told,
        secrets=tuple(name for name in variables if name not in told),
        labels=_labels(project.name, bundle),
        sample=SampleRequest("application/json", "" if bundle is None else _sample(bundle)),
        settings=settings,
    )


def with_locks(service: Service, root: Path, *, update: bool = False) -> Service:
    """The service with the packages of each image: those of its lock in the repository, unless that is of other
    requirements, or `update` asks for those that are installed here.
    """
    known = {kind: root / service.place / "locks" / f"{kind}.txt" for kind in IMAGES}
    texts = {kind: path.read_text() if path.is_file() and not update else "" for kind, path in known.items()}
    made: dict[tuple[str, ...], str] = {}
    for kind in IMAGES:
        extras = service.extras[kind]
        if extras not in made:
            made[extras] = locked(extras, service.python, known=texts[kind])
    return replace(service, locks={kind: made[service.extras[kind]] for kind in IMAGES})


def container_settings(settings: Settings) -> dict[str, str]:
    """What was set here and holds for containers too, as variables: addresses, and sections of rooms.

    >>> container_settings(Settings(store="gs://models/rides", workspace="/home/ada"))
    {'OMLOOP_STORE': 'gs://models/rides'}
    """
    found = {name: str(getattr(settings, name)) for name in ELSEWHERE}
    found = {name: value for name, value in found.items() if ":" in value}
    every = {(one.section, one.key): one.name for one in SETTINGS.every().values()}
    for section, keys in settings.rooms.items():
        if section not in OWN:
            found |= {every[section, key]: str(value) for key, value in keys.items()}
    return {f"OMLOOP_{name.upper()}": value for name, value in found.items()}


def _extras(project: Project, bundle: Bundle | None, variables: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The extras of each image: what reaches the memories, what answers, and what trains the project's models."""
    reach = {
        extra for scheme, extra in BY_SCHEME.items() if any(value.startswith(scheme) for value in variables.values())
    }
    answers = set() if bundle is None else _engine_extras(bundle)
    champion = "" if bundle is None else bundle.manifest.lineage.model
    models = [model for name, model in project.models.items() if model.best == "always" or name == champion]
    trains = {"train", "watch", *(model.extra for model in models)}
    found = {
        "serve": reach | answers,
        "watch": reach | answers | {"watch"},
        "train": reach | answers | trains,
        "evaluate": reach | answers | trains,
        "probe": reach | answers,
    }
    return {kind: tuple(sorted(extras)) for kind, extras in found.items()}


def _engine_extras(bundle: Bundle) -> set[str]:
    """What a bundle needs beyond the base install: a tokenizer's library, another engine."""
    found = {"text"} if "tokenizer.json" in bundle.files else set()
    served = bundle.manifest.variants[bundle.manifest.served]
    return found | ({"openvino"} if served.engine == "openvino" else set())


def _labels(project: str, bundle: Bundle | None) -> dict[str, str]:
    """What an image tells of the version that it was made with; see
    https://github.com/opencontainers/image-spec/blob/main/annotations.md.
    """
    if bundle is None:
        return {"io.omloop.project": project}
    made = bundle.manifest.lineage
    scores = " ".join(f"{name}={one.value:.4g}" for name, one in sorted(bundle.manifest.tested.items()))
    return {
        "io.omloop.project": project,
        "io.omloop.version": bundle.version,
        "io.omloop.run": made.run,
        "io.omloop.data": made.data_fingerprint,
        "io.omloop.metrics": scores,
        **({"org.opencontainers.image.revision": made.git_commit} if made.git_commit else {}),
    }


def _sample(bundle: Bundle) -> str:
    """The first example of a bundle as a request."""
    rows = bundle.examples.rows[:1]
    return orjson.dumps({"rows": rows}).decode()


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
    """The wheel that is installed as omloop, relative to the repository; empty where pip fetches one."""
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
