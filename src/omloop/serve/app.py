"""The application, put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from omloop.core import Predictions
from omloop.serve.answer.batching import Batcher
from omloop.serve.answer.canary import Canary
from omloop.serve.answer.predict import Predict
from omloop.serve.answer.recording import LogHealth
from omloop.serve.answer.shadows import Shadows
from omloop.serve.compat.ways import require_ways
from omloop.serve.door import Door
from omloop.serve.http.asgi import Front
from omloop.serve.http.repeats import Repeats
from omloop.serve.metrics import Metrics
from omloop.serve.options import ServerOptions
from omloop.serve.version.champion import Champion

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app(
    champion: Champion,
    predictions: Predictions,
    *,
    new_id: Callable[[], str],
    options: ServerOptions | None = None,
    metrics: Metrics | None = None,
    clock: Callable[[], float] = time.time,
    repeats: Repeats | None = None,
) -> Front:
    """The server of one project as an ASGI application; raises UnknownNameError for an unknown way of `compat`.

    `new_id` names a prediction, uniquely and sorted by time. While the application runs it asks `champion` to refresh.
    `repeats` are the answers by `Idempotency-Key`, by default only of this process. Whoever opened `predictions` closes
    them.
    """
    options = options or ServerOptions()
    require_ways(options.compat)
    limits = options.limits
    metrics = metrics or Metrics()
    door = Door(predictions, metrics, clock)
    recording = LogHealth(predictions, strict=options.strict)
    predict = Predict(predictions, limits, metrics, new_id, clock, recording, door, timed=options.traces is not None)
    canary = Canary(champion, predict, predictions, metrics, new_id, clock)
    shadows = Shadows(predictions, limits, metrics, clock)
    answered = options.traces.answered if options.traces else None
    engine = Batcher(champion, predict, limits, metrics, canary=canary, shadows=shadows, answered=answered)

    def rest(front: Front) -> ASGIApp:
        from omloop.serve.rest import create_rest

        return create_rest(front, predictions, new_id=new_id, clock=clock, compat=options.compat)

    return Front(engine, metrics, door, recording, rest=rest, options=options, repeats=repeats)
