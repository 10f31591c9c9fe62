"""The records of a turn: gathered, and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    Columns,
    DataError,
    Dataset,
    Origin,
    Project,
    without_secrets,
)
from omloop.data import (
    Identity,
    Shares,
    check_records,
    fraction_of,
    inspect_dataset,
    of_classes,
    prepare,
    take_rows,
)
from omloop.loop.project.plan import Plan
from omloop.loop.records.episodes import broken_spans
from omloop.loop.records.live_records import LiveChoice, learned_from, some_of, with_live
from omloop.loop.records.ordering import with_times

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Records:
    """Checked records of a source, the `live` ones last, and the ones left out; `cache` keeps them encoded.

    `identity` identifies each of them, `origin` is the origin of the source's.
    """

    columns: Columns
    live: int
    notes: tuple[str, ...]
    identity: Identity
    origin: Origin
    cache: Path | None = None

    @property
    def first_live(self) -> int:
        """The position of the first live record; the number of records when there is none."""
        return len(next(iter(self.columns.values()), ())) - self.live

    def take(self, rows: Sequence[int]) -> Columns:
        """The records at some positions."""
        return take_rows(self.columns, rows)


def gather(plan: Plan) -> Records:
    """Read the source, check its records, and add the labelled live predictions if the configuration says so."""
    project, kind, config, workspace = plan.project, plan.kind, plan.config, plan.workspace
    fetched = config.data.records(project, workspace.downloads, workspace.settings)
    chosen, left_out = of_classes(project.target, fetched, config.data.classes)
    drop = config.data.on_problem == "drop"
    columns, notes = check_records(project, kind, chosen, drop=drop, unlabelled=config.data.unlabelled)
    columns, fewer = fraction_of(project, columns, config.data.fraction, seed=config.split.seed)
    identity, live = Identity.of(project, columns, by=config.split.by), 0
    if config.data.live:
        broken = broken_spans(plan.registry.history(), workspace.clock())
        recent = LiveChoice(config.data.live_days, config.data.live_since, broken)
        log = workspace.predictions(project.name)
        columns, identity, live = with_live(project, kind, columns, identity, log, recent)
    notes, cache = (*left_out, *notes, *fewer), workspace.cache / "prepared"
    return Records(columns, live, notes, identity, config.data.origin, cache)


def split(plan: Plan, records: Records) -> Dataset:
    """Encode the records, split them by the split's own seed or by time, and check their quality."""
    project, kind, config = plan.project, plan.kind, plan.config
    live = f" and {records.live} labelled live rows" if records.live else ""
    dataset = prepare(
        project,
        records.columns,
        kind,
        seed=config.split.seed,
        shares=Shares(config.split.validation, config.split.test),
        cache=records.cache,
        identity=records.identity,
    )
    dataset = replace(dataset, source=without_secrets(f"{config.data}{live}"), notes=records.notes)
    dataset = learned_from(dataset, records.first_live, config.data.past)
    dataset = without_copies(project, dataset, records)
    dataset = inspect_dataset(
        project, kind, records.columns, dataset, policy=config.data.quality, identity=records.identity
    )
    return with_times(dataset, records.columns, kind, config.data)


def with_shares(plan: Plan, dataset: Dataset) -> Plan:
    """The plan whose output has the thresholds that depend on the training part; see `DecisionRule.with_shares`."""
    outputs = plan.project.outputs.with_shares(dataset.train.targets)
    return replace(plan, project=replace(plan.project, outputs=outputs))


def without_copies(project: Project, dataset: Dataset, records: Records) -> Dataset:
    """The dataset without test rows that also appear in training, such as a live row that the source has too.

    Raises DataError if none remains.
    """
    rows = [*dataset.train.rows, *dataset.validation.rows]
    learned = records.identity.among(records.identity.training_keys(rows), records.columns)
    assert learned is not None  # noqa: S101  they are known by their own columns
    return without_learned(project, dataset, records, learned, by="copies of them are learned from")


def without_learned(
    project: Project, dataset: Dataset, records: Records, learned: NDArray[np.bool_], *, by: str
) -> Dataset:
    """The dataset without the test rows that are `learned`, shape (records,); a note says how many, and `by` what.

    A publisher's own test part stays whole. Raises DataError if no test row remains.
    """
    if project.part is not None and project.part in records.columns:
        learned = learned & np.array([str(part) != "test" for part in records.columns[project.part]])
    known = learned[np.asarray(dataset.test.rows, np.int64)]
    if not known.any():
        return dataset
    told = f"{known.sum()} of {len(known)} test rows were left out: {by}"
    if known.all():
        raise DataError(f"{told}. None is left to judge on. Take other data, or the split.seed of the version.")
    return replace(dataset, test=some_of(dataset.test, np.flatnonzero(~known)), notes=(*dataset.notes, told))
