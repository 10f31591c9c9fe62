"""Answering rows without a server."""

from __future__ import annotations

import time
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Session
from omloop.core import InputError, Kind, OmloopError, Prediction, saying
from omloop.monitor import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omloop.loop.workspace import Workspace


def predict(
    name: str,
    workspace: Workspace,
    content: bytes,
    media_type: str,
    *,
    version: str | None = None,
    record: bool = False,
) -> dict[str, Any]:
    """Answer a request body as the server would; with `record`, keep the answers in the prediction log.

    Raises InputError that names the first field that is not accepted.
    """
    return _answer(name, workspace, lambda kind: kind.read(content, media_type), version=version, record=record)


def predict_files(
    name: str, workspace: Workspace, paths: Sequence[Path], *, version: str | None = None, record: bool = False
) -> dict[str, Any]:
    """Answer files, such as pictures, each as the body of a request whose content type is that of its suffix.

    Raises InputError that names the first file that is not accepted.
    """

    def read(kind: Kind) -> NDArray[Any]:
        return np.concatenate([_read_file(kind, path) for path in paths])

    return _answer(name, workspace, read, version=version, record=record)


def _read_file(kind: Kind, path: Path) -> NDArray[Any]:
    media_type = guess_type(path.name, strict=False)[0] or kind.media_types[0]
    with saying("read", path):
        content = path.read_bytes()
    try:
        return kind.read(content, media_type)
    except InputError as error:
        raise InputError(error.reason, " ".join(filter(None, [str(path), error.field]))) from error


def _answer(
    name: str,
    workspace: Workspace,
    read: Callable[[Kind], NDArray[Any]],
    *,
    version: str | None,
    record: bool,
) -> dict[str, Any]:
    registry = workspace.registry(name)
    chosen = version or registry.champion()
    if chosen is None:
        raise OmloopError(f"'{name}' has no champion yet. Make one with: omloop turn {name}")
    bundle = registry.load(chosen)
    session = Session.of(bundle, threads=workspace.settings.threads)
    begun = time.perf_counter()
    examples = read(session.inputs)
    answers = session.outputs.answer(session.predict(examples))
    latency_ms = (time.perf_counter() - begun) * 1e3
    ids = [new_id() for _ in answers]
    if record:
        inputs, now = session.inputs.record(examples), time.time()
        with_ids = zip(ids, inputs, answers, strict=True)
        predictions = workspace.predictions(name)
        try:
            predictions.record([Prediction(i, now, bundle.version, given, a, latency_ms) for i, given, a in with_ids])
        finally:
            predictions.close()
    return {"version": bundle.version, "predictions": [{"id": i, **a} for i, a in zip(ids, answers, strict=True)]}
