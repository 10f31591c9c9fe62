"""The application, put together."""

import time
from collections.abc import Callable, Sequence

from omloop.core import Predictions
from omloop.serve.answer.batching import Batcher
from omloop.serve.answer.canary import Canary
from omloop.serve.answer.predict import Predict
from omloop.serve.answer.recording import LogHealth
from omloop.serve.answer.shadows import Shadows
from omloop.serve.compat.ways import require_ways
from omloop.serve.door import Door
from omloop.serve.http.asgi import Application, Front
from omloop.serve.http.repeats import Repeats
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.version.champion import Champion


def create_app(  # noqa: PLR0913  each is one thing that a server is made of
    champion: Champion,
    predictions: Predictions,
    *,
    new_id: Callable[[], str],
    limits: Limits | None = None,
    metrics: Metrics | None = None,
    clock: Callable[[], float] = time.time,
    poll_s: float = 0.5,
    strict: bool = True,
    compat: Sequence[str] = (),
    cors: Sequence[str] = (),
    repeats: Repeats | None = None,
) -> Front:
    """The server of one project as an ASGI application.

    `new_id` names a prediction, uniquely and sorted by time. While the application runs it asks `champion` to refresh
    every `poll_s` seconds. With `strict`, what cannot be recorded is not answered. `compat` names the other servers
    whose addresses are answered too; raises UnknownNameError for one that nobody knows. `cors` are the
    origins whose pages may ask, `repeats` the answers by `Idempotency-Key`, of this process alone by default. Closing
    `predictions` is left to whoever opened them.
    """
    require_ways(compat)
    limits = limits or Limits()
    metrics = metrics or Metrics()
    door = Door(predictions, metrics, clock)
    recording = LogHealth(predictions, strict=strict)
    predict = Predict(predictions, limits, metrics, new_id, clock, recording, door)
    canary = Canary(champion, predict, predictions, metrics, new_id, clock)
    shadows = Shadows(predictions, limits, metrics, clock)
    engine = Batcher(champion, predict, limits, metrics, canary=canary, shadows=shadows)

    def rest(front: Front) -> Application:
        from omloop.serve.rest import create_rest

        return create_rest(front, predictions, new_id=new_id, clock=clock, compat=compat)

    return Front(
        champion,
        engine,
        limits,
        metrics,
        door,
        recording,
        rest=rest,
        poll_s=poll_s,
        former_service="former-service" in compat,
        cors=cors,
        repeats=repeats,
    )
