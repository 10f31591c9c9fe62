"""What each address answers. The prediction itself is in `predict.py`; here is only HTTP."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from omloop.core import Output, Predictions, Receipt, StoreError
from omloop.serve.body import media_type, most_bytes, receive
from omloop.serve.champion import Champion, Problem, Serving
from omloop.serve.feedback import MEDIA_TYPES, read_labels
from omloop.serve.limits import Limits
from omloop.serve.metrics import CONTENT_TYPE, Metrics
from omloop.serve.predict import Predict
from omloop.serve.refusal import Refusal, json_response
from omloop.serve.workers import Workers

T = TypeVar("T")

_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class Routes:
    """The endpoints of one server. `draining` says whether it is about to stop."""

    champion: Champion
    predictions: Predictions
    predict: Predict
    limits: Limits
    metrics: Metrics
    workers: Workers
    clock: Callable[[], float]
    draining: Callable[[], bool]

    async def post_predict(self, request: Request) -> Response:
        """Answer one or many examples."""
        media = media_type(request, self._serving().kind.media_types)
        self.workers.admit()
        content = await receive(request, self.limits, most=most_bytes(media, self.limits))
        # Asked for again: another version may have been swapped in while the body arrived.
        answer = await self.workers.run(self.predict.answer, self._serving(), content, media)
        return Response(answer, media_type="application/json")

    async def post_feedback(self, request: Request) -> Response:
        """Keep labels of earlier predictions."""
        output = self._serving().output
        media_type(request, MEDIA_TYPES)
        self.workers.admit()
        content = await receive(request, self.limits)
        receipt = await self.workers.run(self._keep, output, content)
        for result in ("accepted", "repeated", "changed"):
            self.metrics.feedback.add(result, by=getattr(receipt, result))
        self.metrics.feedback.add("unknown", by=len(receipt.unknown))
        return json_response(asdict(receipt))

    async def get_prediction(self, request: Request) -> Response:
        """One prediction by its id."""
        wanted: str = request.path_params["id"]
        found = await self.workers.run(_stored, lambda: self.predictions.find(wanted))
        if found is None:
            raise Refusal(404, f"no prediction has the id '{wanted:.80}'")
        return json_response(dict(found))

    async def get_model(self, request: Request) -> Response:
        """What serves, and what is wrong with what should."""
        return json_response({**_model(self._serving()), "problem": _told(self.champion.problem)})

    async def healthz(self, request: Request) -> Response:
        """The process is alive."""
        return json_response({"status": "alive"})

    async def readyz(self, request: Request) -> Response:
        """Whether requests should be sent here."""
        if self.draining():
            raise Refusal(503, "the server is about to stop")
        return json_response({"status": "ready", "version": self._serving().version})

    async def get_metrics(self, request: Request) -> Response:
        """The Prometheus exposition."""
        return Response(self.metrics.text(self.champion), headers={"Content-Type": CONTENT_TYPE})

    def _serving(self) -> Serving:
        """The version that serves; raises Refusal 503 with what to do when there is none."""
        serving, problem = self.champion.serving, self.champion.problem
        if serving is not None:
            return serving
        if problem is None:
            raise Refusal(503, "no version is champion yet; train and promote one with: omloop turn PROJECT")
        raise Refusal(503, "the champion was refused and no other version serves", extra={"problem": _told(problem)})

    def _keep(self, output: Output, content: bytes) -> Receipt:
        labels = read_labels(output, content, limit=self.limits.rows, moment=self.clock())
        return _stored(lambda: self.predictions.feedback(labels))


def _stored(call: Callable[[], T]) -> T:
    """What `call` gives; a store that fails is told without its paths."""
    try:
        return call()
    except (StoreError, OSError) as error:
        _log.error("the predictions cannot be read or written: %s", error)
        message = "the predictions cannot be read or written now; try again later"
        raise Refusal(503, f"{message}. Whoever runs this server finds the reason in its log") from error


def _model(serving: Serving) -> dict[str, Any]:
    lineage = asdict(serving.manifest.lineage)
    del lineage["packages"]
    return {
        "version": serving.version,
        "project": serving.manifest.project,
        "since": _iso(serving.since),
        "inputs": serving.manifest.inputs,
        "outputs": serving.manifest.outputs,
        "metrics": {
            variant: {name: asdict(estimate) for name, estimate in scored.metrics.items()}
            for variant, scored in serving.manifest.variants.items()
        },
        "lineage": lineage,
    }


def _told(problem: Problem | None) -> dict[str, Any] | None:
    return None if problem is None else {**asdict(problem), "since": _iso(problem.since)}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
