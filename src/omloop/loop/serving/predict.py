"""Answering rows without a server."""

from __future__ import annotations

import time
from mimetypes import guess_type
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from omloop.bundle import Session
from omloop.core import ExampleArray, InputError, Kind, Prediction, Wire, as_store_error
from omloop.kinds.bodies import FILE_BYTES, TEXT_BYTES, is_text
from omloop.loop.project.discover import at_hand, find_project
from omloop.loop.serving.rows import OnProblem, ReadRows, csv_rows, json_rows, read_rows
from omloop.monitor import new_id
from omloop.monitor.log.settings import LogSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omloop.loop.workspace import Workspace


class RequestBody(NamedTuple):
    """The body of a request: its content, and its media type."""

    content: bytes
    media_type: str = "application/json"


def predict(
    name: str,
    workspace: Workspace,
    body: RequestBody,
    *,
    version: str | None = None,
    record: bool = False,
    keep: Sequence[str] = (),
    on_problem: OnProblem = "stop",
) -> dict[str, Any]:
    """Answer a request body as the server would; with `record`, keep the answers in the prediction log.

    The rows may also hold the target and columns that the project ignores. The columns of `keep` go along into the
    answers. Unless `on_problem` is `stop`, each answer has its row's number, from 1. Bad rows are missing, or have a
    `problem` in place of an answer.

    Raises InputError, which names the first field that does not fit.
    """
    passed_over = passed_over_by(name, workspace)

    def read(kind: Kind) -> tuple[ReadRows, Sequence[Mapping[str, object]]]:
        unread = {*passed_over, *keep} - set(kind.fields)
        make = csv_rows if body.media_type == "text/csv" else json_rows
        rows = make(body.content, keep=keep, passed_over=unread)
        if rows is None:
            examples = kind.read(body.content, body.media_type)
            return ReadRows(examples, range(len(examples)), {}), [{}] * len(examples)
        return read_rows(kind, rows, on_problem), rows.kept

    return _answer(name, workspace, read, version=version, record=record, on_problem=on_problem)


def passed_over_by(name: str, workspace: Workspace) -> set[str]:
    """Columns of the project's records that are no inputs; none where only its versions are here."""
    if not at_hand(name, workspace.settings):
        return set()
    project = find_project(name, workspace.settings)
    single = (project.target, project.group, project.time, project.part, project.id, project.weight)
    return {*project.ignored, *project.slices, *(column for column in single if column)}


def predict_files(
    name: str, workspace: Workspace, paths: Sequence[Path], *, version: str | None = None, record: bool = False
) -> dict[str, Any]:
    """Answer files, such as pictures: each is a request body with the content type of its suffix.

    A file may be as long as such a body. Raises InputError that names the first file that does not fit.
    """

    def read(kind: Kind) -> tuple[ReadRows, Sequence[Mapping[str, object]]]:
        examples = np.concatenate([read_file(kind, path) for path in paths])
        return ReadRows(examples, range(len(examples)), {}), [{}] * len(examples)

    return _answer(name, workspace, read, version=version, record=record)


def read_file(kind: Wire, path: Path) -> ExampleArray:
    """The examples of a file, such as a picture; raises InputError that names the file."""
    media_type = media_type_of(kind, path)
    most = most_bytes_of(media_type)
    with as_store_error("read", path), path.open("rb") as file:
        content = file.read(most + 1)
    try:
        if len(content) > most:
            raise InputError(f"is longer than {most:,} bytes, as much as one body may have")
        return kind.read(content, media_type)
    except InputError as error:
        raise InputError(error.reason, " ".join(filter(None, [str(path), error.field]))) from error


def most_bytes_of(media_type: str) -> int:
    """How long a body of a content type may be."""
    return TEXT_BYTES if is_text(media_type) else FILE_BYTES


def media_type_of(kind: Wire, path: PurePath) -> str:
    """The content type of the file's suffix; where a kind takes plain text, any other text is plain."""
    guessed, plain = guess_type(path.name, strict=False)[0], "text/plain"
    if plain in kind.media_types and (guessed is None or guessed.startswith("text/")):
        return guessed if guessed in kind.media_types else plain
    return guessed or kind.media_types[0]


def _answer(
    name: str,
    workspace: Workspace,
    read: Callable[[Kind], tuple[ReadRows, Sequence[Mapping[str, object]]]],
    *,
    version: str | None,
    record: bool,
    on_problem: OnProblem = "stop",
) -> dict[str, Any]:
    registry = workspace.registry(name)
    bundle = registry.load(version or registry.require_champion())
    session = Session.of(bundle)
    begun = time.perf_counter()
    rows, kept = read(session.inputs)
    examples = rows.examples
    answers = session.outputs.answer(session.predict(examples))
    latency_ms = (time.perf_counter() - begun) * 1e3
    ids = [new_id() for _ in answers]
    if record:
        keep = workspace.settings.of(LogSettings).whole_inputs()
        kind = session.inputs if keep is None else session.inputs.keeping(keep)
        inputs, now = kind.record(examples), time.time()
        with_ids = zip(ids, inputs, answers, strict=True)
        predictions = workspace.predictions(name)
        try:
            predictions.record([Prediction(i, now, bundle.version, given, a, latency_ms) for i, given, a in with_ids])
        finally:
            predictions.close()
    told = zip(rows.places, ids, answers, session.inputs.remarks(examples), strict=True)
    found = {place: {"id": i, **kept[place], **a, **remarks} for place, i, a, remarks in told}
    if on_problem == "mark":
        found |= {place: {**kept[place], "problem": problem} for place, problem in rows.problems.items()}
    if on_problem != "stop":
        found = {place: {"row": place + 1, **found[place]} for place in sorted(found)}
    problems = {str(place + 1): problem for place, problem in rows.problems.items()}
    return {"version": bundle.version, "predictions": [*found.values()], **({"problems": problems} if problems else {})}
