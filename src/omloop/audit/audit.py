"""An audit: every item asked of a repository that was read once."""

from __future__ import annotations

from pathlib import Path

from omloop.audit.checklist import CHECKLIST
from omloop.audit.defects import find_defects
from omloop.audit.item import AuditResult, ItemResult
from omloop.audit.repository import read_repository


def audit(folder: Path) -> AuditResult:
    """Look for evidence of each item in the files of a folder; nothing of it is run or imported.

    Raises OmloopError for what is no folder, or cannot be read.
    """
    repository = read_repository(folder)
    items = [ItemResult(item, item.look(repository)) for item in CHECKLIST]
    defects = find_defects(repository)
    return AuditResult(str(folder), items, defects, repository.unread, len(repository.paths))
