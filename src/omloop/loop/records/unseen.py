"""What a version learned from, row by row: a comparison uses rows that neither side knows, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Bundle
from omloop.core import Dataset, Kind, Prediction, Project
from omloop.data import assign, dealt, record_keys
from omloop.loop.records.live_records import live_identity

if TYPE_CHECKING:
    from omloop.loop.records.records import Records


@dataclass(frozen=True)
class StoredSplit:
    """How a version split its records, from its `config.yaml`; a version of an older omloop by its `seed`."""

    seed: int
    validation: float
    test: float
    by: str = ""


def unseen_rows(
    champion: Bundle, project: Project, records: Records, dataset: Dataset
) -> tuple[NDArray[np.int64], str]:
    """Positions in the test part of the rows that neither side learned from, and in words how many others there are.

    If nobody knows what the champion learned from, they are all, with a remark: this flatters only the champion.
    """
    own = records.identity.training_keys([*dataset.train.rows, *dataset.validation.rows])
    known, theirs = records.identity.among(own, records.columns), learned_by(champion, project, records)
    assert known is not None  # noqa: S101  they are known by their own columns
    told = "" if theirs is not None else f"what {champion.version} learned from is not known: it may know these rows"
    rows = np.asarray(dataset.test.rows, np.int64)
    left = np.flatnonzero(~(known if theirs is None else known | theirs)[rows])
    if len(left) == len(rows):
        return left, told
    told = f"{len(rows) - len(left)} of {len(rows)} test rows were left out: the champion {champion.version} knows them"
    stored = stored_split(champion)
    if len(left) < len(rows) / 2 and theirs is not None and stored is not None:
        told += f"; {_advice(stored, records, theirs)}"
    return left, told


def _advice(stored: StoredSplit, records: Records, learned: NDArray[np.bool_]) -> str:
    """How to keep more rows: by the split of the champion's records, if these are the same."""
    if stored.by or records.identity.times is not None:
        return f"its own were split by {f'split.by={stored.by}' if stored.by else 'content'}"
    test = assign(records.identity.deal, seed=stored.seed, validation=stored.validation, test=stored.test) == 2
    if learned[test].mean() < learned.mean() / 2:
        return f"split.seed={stored.seed} deals the records as its own were"
    return "these records are written otherwise than those were; an `id` of the project would keep them where they are"


def learned_by(bundle: Bundle, project: Project, records: Records) -> NDArray[np.bool_] | None:
    """Which of the records a version learned from, shape (n,); None if unknown.

    A bundle of an older omloop keeps no keys. Its parts follow from its configuration and the records, so all that it
    may have learned from counts.
    """
    keys = bundle.training_keys
    if keys is not None:
        return records.identity.among(keys, records.columns)
    stored = stored_split(bundle)
    names = [project.group] if project.group else [*bundle.kind.fields, project.target]
    if stored is None or not set(names) <= set(records.columns):
        return None
    groups = record_keys(records.columns, names)
    deal = partial(assign, groups)
    if project.part is not None and project.part in records.columns:
        deal = partial(dealt, records.columns[project.part], groups)
    return np.asarray(deal(seed=stored.seed, validation=stored.validation, test=stored.test) != 2)


def learned_live(bundle: Bundle, kind: Kind, labelled: Sequence[tuple[Prediction, Any]]) -> NDArray[np.bool_]:
    """Which predictions, each with its label, a version learned from, shape (n,); `kind` reads the recorded inputs.

    None of them if an older omloop packaged it.
    """
    keys = bundle.training_keys
    if keys is None:
        return np.zeros(len(labelled), bool)
    found = live_identity(kind, keys.by, labelled)
    return keys.holds(found.keys) | keys.holds(found.predictions)


def stored_split(bundle: Bundle) -> StoredSplit | None:
    """How a version split its records; None if the bundle holds no configuration."""
    from omegaconf import OmegaConf

    if "config.yaml" not in bundle.files:
        return None
    stored = OmegaConf.create(bundle.files["config.yaml"].decode())
    if "seed" not in stored or "split" not in stored:
        return None
    split = stored.split
    return StoredSplit(split.get("seed", stored.seed), split.validation, split.test, split.get("by", ""))
