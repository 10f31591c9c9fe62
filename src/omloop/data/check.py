"""Checks records against the project before training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ConfigError, DataError, Kind, Project, RecordEncoder, did_you_mean
from omloop.data.absent import is_absent
from omloop.data.rows import take_rows


def with_classes(project: Project, names: Sequence[str]) -> Project:
    """The project, telling apart the classes called `names` alone (all of them if empty): `data.classes`.

    Raises UnknownNameError or ConfigError for names that cannot be.
    """
    return replace(project, outputs=project.outputs.select(names))


def of_classes(target: str, records: Columns, classes: Sequence[str]) -> tuple[Columns, tuple[str, ...]]:
    """The records whose `target` is one of `classes`, or all of them for no classes; and the dropped ones, in words.

    It keeps a missing target, for others to refuse. Raises DataError if nothing remains.

    >>> of_classes("mood", {"mood": ["sad", "calm", "sad"]}, ["sad", "happy"])
    ({'mood': ['sad', 'sad']}, ('1 of 3 records were left out: they are of other classes than data.classes (calm 1)',))
    """
    if not classes or target not in records:
        return records, ()
    labels = [None if value is None else str(value) for value in records[target]]
    keep = [row for row, label in enumerate(labels) if label is None or label in classes]
    others = Counter(label for label in labels if label is not None and label not in classes)
    if not others:
        return records, ()
    counts = ", ".join(f"{name:.40} {count}" for name, count in others.most_common(10))
    if not keep:
        raise DataError(f"No record is of data.classes, {', '.join(classes)}. The records are of: {counts}.")
    kept = take_rows(records, keep)
    gone = len(labels) - len(keep)
    note = f"{gone} of {len(labels)} records were left out: they are of other classes than data.classes ({counts})"
    return kept, (note,)


def features_of(project: Project, names: list[str]) -> Kind:
    """The project's inputs, reduced to the features called `names` (all of them if empty).

    Raises ConfigError, which says why a column may not be a feature, or suggests the right one.
    """
    known = project.inputs.fields
    for name in names:
        if name in project.ignored or name == project.target:
            reason = project.ignored.get(name, "it is what the model must predict")
            raise ConfigError(f"'{name}' cannot be a feature: {reason}. Take it out of data.features.")
        if name not in known:
            near = did_you_mean(name, known)
            raise ConfigError(f"data.features: there is no column '{name}'.{near} There are: {', '.join(known)}.")
    return project.inputs.select(names) if names else project.inputs


def check_names(project: Project, records: Columns) -> None:
    """Refuse records with a missing, an extra or a renamed column; raises DataError that names each."""
    wanted = [*project.inputs.fields, project.target]
    roles = filter(None, [project.id, project.time, project.weight])
    expected = {*wanted, *project.ignored, project.group, project.part, project.id, project.time, project.weight}
    missing = [name for name in [*wanted, *roles] if name not in records]
    problems = []
    for name in records:
        if name not in expected:
            near = did_you_mean(name, missing)
            problems.append(f"'{name}' is not a column of {project.name}{near.rstrip('?').replace(' Did', '; did')}")
    problems += [f"'{name}' is missing" for name in missing]
    if problems:
        raise DataError(f"The columns do not fit: {'; '.join(problems)}.")
    lengths = {name: len(values) for name, values in records.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"The columns are not of one length: {lengths}.")
    if not next(iter(lengths.values())):
        raise DataError("There is no record. Check the source.")


def check_records(
    project: Project, kind: RecordEncoder, records: Columns, *, drop: bool, unlabelled: str = "drop"
) -> tuple[Columns, tuple[str, ...]]:
    """Refuse records that do not fit the project, or with `drop` leave them out; return the rest and the actions.

    It leaves out records without a target unless `unlabelled` is `block`. It always refuses wrong columns. Raises
    DataError.
    """
    check_names(project, records)
    if unlabelled == "block":
        told = ""
    else:
        records, told = _with_targets(project, records)
    if not drop:
        return records, (told,) if told else ()
    kept, note = drop_bad(project, kind, records)
    return kept, tuple(filter(None, [told, note]))


def _with_targets(project: Project, records: Columns) -> tuple[Columns, str]:
    """The records that have a target, and in words how many have none."""
    targets = records[project.target]
    keep = [row for row, value in enumerate(targets) if not is_absent(value)]
    if len(keep) == len(targets):
        return records, ""
    if not keep:
        raise DataError(f"None of the {len(targets)} records has a '{project.target}', which is to be predicted.")
    kept = take_rows(records, keep)
    without = f"{len(targets) - len(keep)} of {len(targets)} records have no '{project.target}' and were left out"
    return kept, f"{without} (data.unlabelled=block refuses them)"


def drop_bad(project: Project, kind: RecordEncoder, records: Columns) -> tuple[Columns, str]:
    """Leave out the records that do not fit, and say in words how many they were."""
    bad = kind.bad_rows(records) | _bad_targets(project, records)
    if not bad.any():
        return records, ""
    if bad.all():
        raise DataError("No record fits the project. Run with data.on_problem=block to see what is wrong.")
    keep = np.flatnonzero(~bad)
    kept = take_rows(records, keep)
    return kept, f"{int(bad.sum())} of {len(bad)} records did not fit and were left out"


def _bad_targets(project: Project, records: Columns) -> NDArray[np.bool_]:
    def bad(value: object) -> bool:
        try:
            project.outputs.encode([value])
        except DataError:
            return True
        return False

    return np.array([bad(value) for value in records[project.target]], bool)
