"""Answering rows without a server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from omloop.bundle import Session
from omloop.core import OmloopError, Prediction
from omloop.monitor import new_id

if TYPE_CHECKING:
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
    registry = workspace.registry(name)
    chosen = version or registry.champion()
    if chosen is None:
        raise OmloopError(f"'{name}' has no champion yet. Make one with: omloop turn {name}")
    bundle = registry.load(chosen)
    session = Session.of(bundle, threads=workspace.settings.threads)
    begun = time.perf_counter()
    examples = session.inputs.read(content, media_type)
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
