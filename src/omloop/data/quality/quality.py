"""Looking for what is odd in data before a model learns it: repeats, leaks, contradictions, imbalance, empty examples.

Each check is a pure function from a dataset to at most one finding; they run cheapest first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Dataset, ExampleArray, Finding, Kind, Part, Project
from omloop.data.identity import Identity
from omloop.data.order import records_in_order
from omloop.data.quality.leaks import leaks
from omloop.data.quality.merged import merged_numbers
from omloop.data.quality.near_rows import near_rows
from omloop.data.quality.near_texts import near_texts
from omloop.data.quality.pool import Pool
from omloop.data.quality.undeclared_groups import undeclared_groups

POLICIES = ("warn", "refuse", "off")
IMBALANCE = 10
FEW = 10
MOST = 20_000
SHOWN = 5
TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,9}(?:\s[^<>]{0,200})?/?>")


Check = Callable[[Pool], Finding | None]


def inspect_dataset(
    project: Project,
    kind: Kind,
    records: Columns,
    dataset: Dataset,
    *,
    policy: str,
    identity: Identity | None = None,
) -> Dataset:
    """The dataset with what is odd about it, in `findings` and in words in `notes`.

    `policy` is `warn`, `refuse` (raises DataError that lists the warnings, if there are any) or `off` (as it was).
    `identity` is that of the records; None where nobody knows it.
    """
    if policy == "off":
        return dataset
    findings = find_oddities(project, kind, records, dataset, identity)
    warnings = [finding.message for finding in findings if finding.severity == "warning"]
    if policy == "refuse" and warnings:
        raise DataError(
            f"The data is refused: {'; '.join(warnings)}. Mend the source, or run with data.quality=warn to go on."
        )
    notes = (*dataset.notes, *(finding.message for finding in findings))
    return replace(dataset, findings=findings, notes=notes)


def find_oddities(
    project: Project, kind: Kind, records: Columns, dataset: Dataset, identity: Identity | None = None
) -> tuple[Finding, ...]:
    """The findings of all checks in a dataset of these `records`, in the order of `CHECKS`."""
    pool = Pool.of(project, kind, records, dataset, identity)
    return tuple(finding for check in CHECKS if (finding := check(pool)) is not None)


def imbalance(pool: Pool) -> Finding | None:
    """A class that has more than ten times as many training examples as another, or one with fewer than ten."""
    if not pool.classes:
        return None
    counts = np.bincount(pool.dataset.train.targets.astype(np.int64), minlength=len(pool.classes))
    few = [name for name, count in zip(pool.classes, counts, strict=True) if count < FEW]
    largest, smallest = pool.classes[int(counts.argmax())], pool.classes[int(counts.argmin())]
    if not few and counts.max() <= IMBALANCE * counts.min():
        return None
    message = f"the class '{largest}' has {counts.max()} training examples, '{smallest}' has {counts.min()}"
    if few:
        told = few if len(few) <= SHOWN else [*few[:SHOWN], f"and {len(few) - SHOWN} more"]
        message += f"; fewer than {FEW} have: {', '.join(told)}"
    rare = np.flatnonzero((pool.place == 0) & (pool.targets == counts.argmin()))
    return Finding("imbalance", "warning", max(len(few), 1), message, _rows(pool, rare))


def constant_columns(pool: Pool) -> Finding | None:
    """Columns with one value in all training examples: a model learns nothing from them.

    Only columns that a model reads by name count: pictures that are all of one size, say, are as good as others.
    """
    learned = [name for name in pool.kind.fields if name in pool.kind.observed]
    observed = pool.kind.observe(pool.dataset.train.examples) if learned else {}
    constant = [name for name in learned if len(observed[name]) > 1 and _same(np.asarray(observed[name], np.float64))]
    if not constant:
        return None
    message = f"one value in all training examples: {', '.join(constant)}"
    return Finding("constant columns", "note", len(constant), message, columns=tuple(constant))


def constant_examples(pool: Pool) -> Finding | None:
    """Pictures of one colour, such as all black ones."""
    return _finding(
        pool,
        "constant examples",
        np.flatnonzero(np.concatenate([flat_pictures(part.examples) for part in _parts(pool)])),
        "pictures of one colour all over: {count}",
    )


def duplicates(pool: Pool) -> Finding | None:
    """Training examples whose input stood there before, whatever their label."""
    train = pool.inputs[pool.place == 0]
    first = np.unique(train, return_index=True)[1]
    repeats = np.setdiff1d(np.arange(len(train)), first)
    return _finding(
        pool, "duplicates", repeats, "training examples that repeat the input of another: {count}", severity="note"
    )


def shared_inputs(pool: Pool) -> Finding | None:
    """Inputs of validation or test that stand in an earlier part too: their scores flatter the model."""
    return _finding(
        pool,
        "shared inputs",
        np.flatnonzero(_stands_earlier(pool)),
        "examples of validation or test whose input an earlier part has too: {count}",
    )


def conflicts(pool: Pool) -> Finding | None:
    """Equal inputs with different answers."""
    order = np.lexsort((pool.targets, pool.inputs))
    inputs, targets = pool.inputs[order], pool.targets[order]
    differs = (inputs[1:] == inputs[:-1]) & (targets[1:] != targets[:-1])
    clashing = np.unique(inputs[1:][differs])
    examples = np.flatnonzero(np.isin(pool.inputs, clashing))
    examples = examples[np.argsort(pool.inputs[examples], kind="stable")]
    message = f"inputs that stand under more than one answer: {len(clashing)}, in {{count}} examples"
    return _finding(pool, "conflicting answers", examples, message)


def torn_groups(pool: Pool) -> Finding | None:
    """Groups of the project (a patient, a person) with examples in more than one part."""
    name = pool.project.group
    if name is None or name not in pool.records:
        return None
    groups, ids = np.unique([str(value) for value in pool.column(name)], return_inverse=True)
    held = np.zeros((len(groups), 3), bool)
    held[ids, pool.place] = True
    torn = np.flatnonzero(held.sum(axis=1) > 1)
    examples = np.flatnonzero(np.isin(ids, torn) & (pool.place > 0))
    message = f"groups of '{name}' in more than one part: {len(torn)}, with {{count}} held-out examples"
    return _finding(pool, "torn groups", examples, message)


def html(pool: Pool) -> Finding | None:
    """HTML tags in the raw texts of the examples."""
    marked = np.zeros(len(pool.rows), bool)
    tags: Counter[str] = Counter()
    for name in pool.kind.fields:
        values = pool.records[name]
        if len(values) and isinstance(values[0], str):
            found = [TAG.search(str(value)) for value in pool.column(name)]
            marked |= np.array([match is not None for match in found])
            tags.update(match.group() for match in found if match)
    shown = ", ".join(tag for tag, _ in tags.most_common(3))
    message = f"texts with HTML tags such as {shown}: {{count}}"
    return _finding(pool, "HTML", np.flatnonzero(marked), message, severity="note")


def near_duplicates(pool: Pool) -> Finding | None:
    """Held-out examples that are almost equal to an example of an earlier part; `shared_inputs` finds exact copies.

    The check compares numbers by correlation (above 0.97), and texts by their sequences of five words (at least 0.6
    shared). It looks at no more than `MOST` examples of each side, evenly spread.
    """
    examples = [part.examples for part in _parts(pool)]
    starts = np.cumsum([0, *(len(part) for part in examples)])
    copies = _stands_earlier(pool)
    pairs: list[tuple[int, int]] = []
    for later in (1, 2):
        new = _spread(np.flatnonzero((pool.place == later) & ~copies))
        old = _spread(np.flatnonzero(pool.place < later))
        inside = np.concatenate(examples[:later])
        found = _near(pool, examples[later][new - starts[later]], inside[old])
        pairs += [(int(new[here]), int(old[there])) for here, there in found.items()]
    if not pairs:
        return None
    told = ", ".join(f"{pool.rows[here] + 1} and {pool.rows[there] + 1}" for here, there in pairs[:2])
    message = f"examples of validation or test that are nearly one of an earlier part: {len(pairs)} (records {told})"
    rows = tuple(int(pool.rows[place]) for pair in pairs for place in pair)
    return Finding("near duplicates", "warning", len(pairs), message, rows[:SHOWN])


CHECKS: tuple[Check, ...] = (
    imbalance,
    duplicates,
    shared_inputs,
    conflicts,
    torn_groups,
    undeclared_groups,
    constant_examples,
    constant_columns,
    merged_numbers,
    html,
    records_in_order,
    leaks,
    near_duplicates,
)


def flat_pictures(examples: NDArray[Any]) -> NDArray[np.bool_]:
    """Which examples are pictures whose every channel has one value; shape (n,).

    Pictures have the shape (n, height, width, channels), or stand as `pixels` of that shape in structured examples.

    >>> flat_pictures(np.array([[[[0], [0]]], [[[0], [9]]]], np.uint8)).tolist()
    [True, False]
    """
    pixels = examples["pixels"] if "pixels" in (examples.dtype.names or ()) else examples
    if pixels.dtype == object or pixels.ndim != 4:
        return np.zeros(len(examples), bool)
    return np.asarray((pixels == pixels[:, :1, :1]).all(axis=(1, 2, 3)))


def _near(pool: Pool, later: ExampleArray, earlier: ExampleArray) -> dict[int, int]:
    if later.dtype == object:
        return near_texts([str(text) for text in later], [str(text) for text in earlier])
    if not len(earlier) or not set(pool.kind.fields) <= set(pool.kind.observed):
        return near_rows(pool.kind.matrix, later, earlier)
    return near_rows(_in_one_unit(pool.kind, earlier), later, earlier)


def _in_one_unit(kind: Kind, earlier: ExampleArray) -> Callable[[ExampleArray], NDArray[np.float32]]:
    """The observed numbers, each in its own standard deviations: columns that have names have units of their own."""
    known = _observed(kind, earlier)
    filled = np.isfinite(known)
    counts = np.maximum(filled.sum(axis=0), 1)
    mean = np.where(filled, known, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(filled, known - mean, 0.0) ** 2).sum(axis=0) / counts)
    spread = np.where(spread > 0, spread, np.inf)

    def vectors(examples: ExampleArray) -> NDArray[np.float32]:
        return np.asarray(np.nan_to_num((_observed(kind, examples) - mean) / spread), np.float32)

    return vectors


def _observed(kind: Kind, examples: ExampleArray) -> NDArray[np.float32]:
    """The observed numbers of examples, shape (n, numbers)."""
    return np.column_stack([np.asarray(values, np.float32) for values in kind.observe(examples).values()])


def _parts(pool: Pool) -> Iterator[Part]:
    yield from (pool.dataset.train, pool.dataset.validation, pool.dataset.test)


def _stands_earlier(pool: Pool) -> NDArray[np.bool_]:
    """Which examples have an input that an earlier part has too; shape (n,)."""
    _, ids = np.unique(pool.inputs, return_inverse=True)
    first = np.full(ids.max(initial=0) + 1, 2)
    np.minimum.at(first, ids, pool.place)
    return np.asarray(first[ids] < pool.place)


def _finding(
    pool: Pool,
    check: str,
    examples: NDArray[np.int64],
    message: str,
    *,
    severity: Literal["warning", "note"] = "warning",
) -> Finding | None:
    """A finding about some examples of the pool, or None for none; `{count}` in `message` becomes their number."""
    if not len(examples):
        return None
    rows = _rows(pool, examples)
    told = ", ".join(str(row + 1) for row in rows)
    words = message.replace("{count}", str(len(examples)))
    return Finding(check, severity, len(examples), f"{words} (records {told})", rows)


def _rows(pool: Pool, examples: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(row) for row in pool.rows[examples[:SHOWN]])


def _spread(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """All of them, or `MOST` at even distances."""
    if len(places) <= MOST:
        return places
    return places[np.linspace(0, len(places) - 1, MOST).astype(np.int64)]


def _same(values: NDArray[np.float64]) -> bool:
    present: NDArray[np.float64] = values[~np.isnan(values)]
    return not len(present) or (len(present) == len(values) and bool((present == present[0]).all()))
