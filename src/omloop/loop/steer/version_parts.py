"""The frequently read parts of a version, without its graphs and training keys, which may be large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from omloop.bundle import TRAINING_KEYS, Bundle
from omloop.register import no_champion
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.bundle import Reference
    from omloop.core import Kind, Output
    from omloop.loop.steer.request import SteerRequest

MOST = 16
GRAPH = ".onnx"


@dataclass(frozen=True)
class VersionParts:
    """A version's bundle without its large parts, and the values that it describes, each made once."""

    version: str
    bundle: Bundle

    @cached_property
    def reference(self) -> Reference:
        """The training data as drift detection sees it."""
        return self.bundle.reference

    @cached_property
    def kind(self) -> Kind:
        """The input kind."""
        return self.bundle.kind

    @cached_property
    def output(self) -> Output:
        """The output kind."""
        return self.bundle.output


def parts_of(request: SteerRequest, version: str) -> VersionParts:
    """A version of the requested project, by its whole name; it reads and verifies it once. Raises OmloopError."""
    project, registry = request.project, request.workspace.registry(request.project)

    def read() -> VersionParts:
        manifest = registry.manifest(version)
        named = [name for name in manifest.files if not name.endswith(GRAPH) and name != TRAINING_KEYS]
        return VersionParts(version, Bundle(manifest, {name: registry.file(version, name) or b"" for name in named}))

    found: VersionParts = request.caches.once("parts", (project, version), read, most=MOST)
    return found


def champion_parts(request: SteerRequest) -> VersionParts:
    """The same of the champion; without one raises Refusal 404, which says what to do."""
    version = request.workspace.registry(request.project).champion()
    if version is None:
        raise Refusal(404, str(no_champion(request.project)))
    return parts_of(request, version)
