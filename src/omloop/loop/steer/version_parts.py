"""What is read again and again of a version, without its graphs, which may be large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from omloop.bundle import Bundle
from omloop.register import no_champion
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.bundle import Reference
    from omloop.core import Kind, Output
    from omloop.loop.steer.request import Ask

MOST = 16


@dataclass(frozen=True)
class VersionParts:
    """A version's bundle without graphs, and what it describes, each made once."""

    bundle: Bundle

    @property
    def version(self) -> str:
        """The version's name."""
        return self.bundle.version

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


def parts_of(ask: Ask, version: str) -> VersionParts:
    """A version of the project that is asked for; it is read and verified once. Raises OmloopError as `load` does."""
    project, registry = ask.project, ask.workspace.registry(ask.project)

    def read() -> VersionParts:
        whole = registry.load(version)
        small = {name: content for name, content in whole.files.items() if not name.endswith(".onnx")}
        return VersionParts(Bundle(whole.manifest, small, whole.manifest_bytes))

    found: VersionParts = ask.caches.once("parts", (project, version), read, most=MOST)
    return found


def champion_parts(ask: Ask) -> VersionParts:
    """The same of the champion; raises Refusal 404 with what to do where there is none."""
    version = ask.workspace.registry(ask.project).champion()
    if version is None:
        raise Refusal(404, str(no_champion(ask.project)))
    return parts_of(ask, version)
