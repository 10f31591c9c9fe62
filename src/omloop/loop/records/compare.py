"""A project's data against an earlier state of it: records that came, went and changed, and columns that moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omloop.bundle import Reference
from omloop.core import Drift, Facts, NumberArray
from omloop.data import RecordDiff, diff_records
from omloop.loop.records.records import gather
from omloop.report import data_diff_markdown

if TYPE_CHECKING:
    from omloop.loop.project.plan import Plan
    from omloop.loop.records.records import Records


@dataclass(frozen=True, repr=False)
class DataDiff(Facts):
    """What differs between two states of a project's records. `drift` is about all columns that a kind observes.

    `before` and `after` name the states, `named_by` the column that names records, if any does.
    """

    project: str
    before: str
    after: str
    records: RecordDiff
    drift: Drift
    named_by: str = ""

    def facts(self) -> dict[str, object]:
        """What came of it."""
        moved = [movement.column for movement in self.drift.columns if movement.moved]
        return {
            "project": self.project,
            "added": len(self.records.added),
            "removed": len(self.records.removed),
            "changed": len(self.records.changed),
            "moved": ", ".join(moved) or None,
        }


def compare_data(old: Plan, new: Plan, *, named: str = "") -> DataDiff:
    """Compare the records of two configurations of one project; the old ones may be `named`.

    Columns move as live ones do, tested once, at a chance of 1 % for all of them together: see `omloop.drift.detect`.
    Raises DataError for records that do not fit the project.
    """
    from omloop.drift import detect

    before, after, key = gather(old), gather(new), new.project.id or ""
    records = diff_records(before.columns, after.columns, key=key)
    reference = Reference.of(_observed(old, before), _words(old))
    drift = detect(reference, _observed(new, after))
    states = named or str(old.config.data), str(new.config.data)
    if states[0] == states[1]:  # two files of one name, in two folders
        states = str(old.config.data.origin), str(new.config.data.origin)
    return DataDiff(new.project.name, *states, records, drift, key)


def diff_counts(found: DataDiff) -> dict[str, int]:
    """How many records there were and are, and how many of them came, went and changed."""
    records = found.records
    counts = {"before": records.before, "after": records.after, "added": len(records.added)}
    changed = {"changed": len(records.changed)} if found.named_by else {}
    return {**counts, "removed": len(records.removed), **changed}


def diff_markdown(found: DataDiff) -> str:
    """The difference in Markdown, for a pull request."""
    records = found.records
    there = dict.fromkeys(records.new_columns, "new") | dict.fromkeys(records.lost_columns, "gone")
    states = (found.before, found.after)
    return data_diff_markdown(found.project, states, diff_counts(found), records.columns, found.drift, there)


def _observed(plan: Plan, records: Records) -> Mapping[str, NumberArray]:
    """What the kind observes of all the records, and the target."""
    kind, project = plan.kind, plan.project
    targets = project.outputs.encode(records.columns[project.target])
    observed = kind.observe(kind.encode(records.columns))
    return {**observed, project.target: np.asarray(targets, np.float64)}


def _words(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    return {**plan.kind.observed, plan.project.target: plan.project.outputs.classes}
