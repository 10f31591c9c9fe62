"""The files of a target: made of the service, and written where they belong in the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from omloop.core import explain_missing
from omloop.deploy import IMAGES, TARGETS, GeneratedFile, Service, compare_files, write_files
from omloop.loop.deploy.service import service_of, with_locks
from omloop.register import Registry
from omloop.register.files import FileBlobs

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

DeployMode = Literal["write", "force", "check"]
LOCKED: Mapping[str, Iterable[str]] = {"docker": IMAGES, "hpc": ("train",)}
"""Targets that lock packages, and the images whose."""


def deploy_files(
    target: str,
    given: str,
    workspace: Workspace,
    root: Path,
    *,
    mode: DeployMode = "write",
    update: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Sequence[GeneratedFile]:
    """Write a target's files for a project into the repository at `root`, and tell what became of each.

    What a person changed stays, unless the mode is "force"; "check" writes nothing. With `update` the packages of
    images get the versions of this environment. Raises what `service_of` raises, UnknownNameError for a target that
    there is not, and OmloopError for a project that it cannot take.
    """
    make = TARGETS.load(target)
    service = service_of(given, workspace, root)
    if target in LOCKED:
        tell("deploy: the packages of each image")
        service = with_locks(service, root, LOCKED[target], update=update)
    with explain_missing(f"Delivering to {target}", of="google" if target == "google" else "deploy"):
        texts = make(service)
    record = record_of(target, service)
    if mode == "check":
        return compare_files(record, texts, root)
    if target == "docker" and service.settings.bake and service.version:
        bake(service, workspace, root / service.place / "versions")
    return write_files(record, texts, root, force=mode == "force")


def record_of(target: str, service: Service) -> str:
    """The name under which omloop keeps a record of the files of a project for a target."""
    return f"{target} {service.project}"


def bake(service: Service, workspace: Workspace, folder: Path) -> None:
    """Keep the champion in a store of its own, `folder`, which an image carries."""
    baked = Registry(FileBlobs(folder), service.project)
    if baked.champion() == service.version:
        return
    by, reason = "deploy", "baked into an image"
    baked.add(workspace.registry(service.project).load(service.version), by=by)
    baked.promote(service.version, expected=baked.champion(), by=by, reason=reason, insist=True)
