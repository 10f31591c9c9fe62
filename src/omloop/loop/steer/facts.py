"""The constant facts of a version: its manifest, and the metrics of its judgement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from omloop.loop.project.scoring import CONFIG, metrics_by
from omloop.report import score_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omloop.bundle import Manifest
    from omloop.core import Estimate
    from omloop.loop.steer.request import SteerRequest

MOST = 1_000
"""How many versions' facts to keep in memory: some 10 KB each."""
MOST_TEXTS = 200
"""How many model cards and configurations to keep in memory."""


@dataclass(frozen=True)
class VersionFacts:
    """A version's manifest, and its metrics by name, the main one first: whether less is better."""

    version: str
    manifest: Manifest
    lower_is_better: Mapping[str, bool]

    @property
    def main(self) -> str:
        """The main metric; empty if unknown."""
        return next(iter(self.lower_is_better), "")

    @property
    def tested(self) -> Mapping[str, Estimate]:
        """The scores of the variant that answers, on the test part."""
        return self.manifest.tested


def version_facts(request: SteerRequest, project: str, version: str) -> VersionFacts:
    """The facts of a version by its name in the history; raises BundleError if they are unreadable."""

    def read() -> VersionFacts:
        registry = request.workspace.registry(project)
        manifest = registry.manifest(version)
        config = registry.file(version, CONFIG) or b"{}"
        metrics = metrics_by(manifest, config, request.workspace.settings)
        known = {one.name: not one.higher_is_better for one in metrics}
        return VersionFacts(version, manifest, known)

    found: VersionFacts = request.caches.once("facts", (project, version), read, most=MOST)
    return found


def version_text(request: SteerRequest, version: str, name: str) -> str:
    """A file of a version of the project, as text; empty if it has none of that name."""

    def read() -> str:
        return (request.workspace.registry(request.project).file(version, name) or b"").decode("utf-8", "replace")

    found: str = request.caches.once("texts", (request.project, version, name), read, most=MOST_TEXTS)
    return found


def estimates_json(found: Mapping[str, Estimate]) -> dict[str, object]:
    """Estimates as an answer has them."""
    return {name: score_json(one) for name, one in found.items()}


def lineage_json(manifest: Manifest) -> dict[str, object]:
    """Where a version came from, without the packages, which are a list of their own."""
    found = asdict(manifest.lineage)
    del found["packages"]
    return found
