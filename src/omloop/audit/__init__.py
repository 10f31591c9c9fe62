"""Whether a repository has what it should: evidence for each item of a check-list, by reading its files alone."""

from omloop.audit.audit import audit
from omloop.audit.checklist import CHECKLIST
from omloop.audit.compare import Claim, compare_report
from omloop.audit.evidence import Defect, Evidence, Spot, State
from omloop.audit.item import AuditResult, Item, ItemResult
from omloop.audit.repository import Repository, read_repository

__all__ = [
    "CHECKLIST",
    "AuditResult",
    "Claim",
    "Defect",
    "Evidence",
    "Item",
    "ItemResult",
    "Repository",
    "Spot",
    "State",
    "audit",
    "compare_report",
    "read_repository",
]
