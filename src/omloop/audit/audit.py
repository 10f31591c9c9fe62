"""An audit: it reads a repository once and looks for the evidence of every item."""

from __future__ import annotations

from pathlib import Path

from omloop.audit.checklist import CHECKLIST
from omloop.audit.defects import find_defects
from omloop.audit.item import AuditResult, ItemResult
from omloop.audit.repository import read_repository


def audit(folder: Path) -> AuditResult:
    """Look for evidence of each item in the files of a folder, without running or importing any of them.

    Raises OmloopError for a path that is no folder or is unreadable.
    """
    repository = read_repository(folder)
    items = [ItemResult(item, item.look(repository)) for item in CHECKLIST]
    defects = find_defects(repository)
    return AuditResult(str(folder), items, defects, repository.unread, len(repository.paths))
