"""Small objects beside a project's versions, which all machines of the project reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class BesideVersions:
    """The object `name` of a `project`; who writes last wins. Methods raise StoreError."""

    workspace: Workspace
    project: str
    name: str

    def read(self) -> bytes | None:
        """Its content, or None."""
        store: Any = self.workspace.beside
        return store.read(f"{self.project}/{self.name}") if self.name in store.list(self.project) else None

    def replace(self, content: bytes) -> None:
        """Write it, in place of what there was."""
        self.workspace.beside.replace(f"{self.project}/{self.name}", content)
