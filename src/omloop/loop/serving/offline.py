"""Answers raw records as a server would, without one: for replays, drills and trials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Session, record_embedding
from omloop.core import Columns, ExampleArray, Prediction
from omloop.data import take_rows
from omloop.monitor import new_id


def answers_to(session: Session, examples: ExampleArray) -> list[dict[str, object]]:
    """The answers as the prediction log keeps them: what a client gets, and where the model sees each example."""
    answered = session.run(examples)
    seen = record_embedding(answered.coordinates, len(examples))
    return [{**answer, **more} for answer, more in zip(session.outputs.answer(answered.outputs), seen, strict=True)]


def predictions_of(session: Session, version: str, columns: Columns, times: Sequence[float]) -> list[Prediction]:
    """Raw records as logged predictions, made at `times` (seconds since 1970); raises DataError for a bad record."""
    examples = session.inputs.encode(columns)
    facts = zip(times, session.inputs.record(examples), answers_to(session, examples), strict=True)
    return [Prediction(new_id(), time, version, inputs, output, 1.0) for time, inputs, output in facts]


def accepted_records(session: Session, columns: Columns) -> tuple[Columns, NDArray[np.int64]]:
    """The records that the kind takes, and their positions: a server refuses the others at the door."""
    rows = np.flatnonzero(~np.asarray(session.inputs.bad_rows(columns), bool))
    return take_rows(columns, rows), rows
