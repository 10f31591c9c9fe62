"""Late labels from a file: what turned out to be true of earlier predictions."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import InputError, Label, OmloopError, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omloop.loop.workspace import Workspace

Pairs = list[tuple[str, str]]


def labels_in(name: str) -> Pairs:
    """The (id, label) pairs of a CSV file with those two columns; raises OmloopError for any other file."""
    try:
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            absent = [column for column in ("id", "label") if column not in (reader.fieldnames or [])]
            if absent:
                raise OmloopError(f"{name} has no column {' and no column '.join(absent)}; it needs id and label.")
            return [(row["id"] or "", row["label"] or "") for row in reader]
    except OSError as error:
        raise OmloopError(f"{name} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise OmloopError(f"{name} is not a UTF-8 CSV file: {error}.") from error


def one_label(prediction: str, label: str | None) -> Pairs:
    """The pair of one prediction; raises OmloopError without a label."""
    if label is None:
        raise OmloopError("--id needs --label, what turned out to be true.")
    return [(prediction, label)]


def send_feedback(name: str, workspace: Workspace, pairs: Sequence[tuple[str, str]]) -> Receipt:
    """Check every label against the champion's output, then record all of them; a bad one refuses the lot."""
    registry = workspace.registry(name)
    output = registry.manifest(registry.require_champion()).output()
    now = time.time()
    labels = []
    for line, (prediction, text) in enumerate(pairs, start=1):
        try:
            labels.append(Label(prediction, output.parse(output.read_label(text)), now))
        except InputError as error:
            raise InputError(error.reason, f"label {line} ({prediction})") from error
    predictions = workspace.predictions(name)
    try:
        return predictions.feedback(labels)
    finally:
        predictions.close()
