"""What each address answers, beside predictions, health and metrics, which `front.py` answers."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from omloop.core import Predictions, Receipt, StoreError, Targets
from omloop.serve.answer.batching import no_version
from omloop.serve.answer.threads import Workers
from omloop.serve.http.asgi import Front
from omloop.serve.http.body import ClientGone, media_type, receive_body
from omloop.serve.http.feedback import MEDIA_TYPES, read_labels
from omloop.serve.http.replies import json_response
from omloop.serve.refusal import Refusal
from omloop.serve.version.serving import Serving, iso

T = TypeVar("T")

_DRIFT = {"Vary": "Accept", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class Routes:
    """The endpoints behind `front`."""

    front: Front
    predictions: Predictions
    workers: Workers
    clock: Callable[[], float]

    async def post_feedback(self, request: Request) -> Response:
        """Keep labels of earlier predictions."""
        output = self._serving().output
        media_type(request.headers, MEDIA_TYPES)
        self.workers.admit()
        try:
            content = await receive_body(request.receive, request.headers, self.front.limits, self.front.engine.budget)
        except ClientGone as error:
            raise ClientDisconnect from error
        receipt = await self.workers.run(self._keep, output, content)
        for result in ("accepted", "repeated", "changed"):
            self.front.metrics.feedback.add(result, by=getattr(receipt, result))
        self.front.metrics.feedback.add("unknown", by=len(receipt.unknown))
        return json_response(asdict(receipt))

    async def get_prediction(self, request: Request) -> Response:
        """One prediction by its id."""
        wanted: str = request.path_params["id"]
        found = await self.workers.run(_stored, lambda: self.predictions.find(wanted))
        if found is None:
            raise Refusal(404, f"no prediction has the id '{wanted:.80}'")
        return json_response(dict(found))

    async def get_model(self, request: Request) -> Response:
        """What serves, its problem if any, and the version on trial beside it."""
        champion = self.front.champion
        told = {"problem": champion.told(), "trial": champion.trials.told()}
        return json_response({**_model(self._serving()), **told})

    async def get_batching(self, request: Request) -> Response:
        """The batching of requests."""
        return json_response(self.front.engine.describe())

    async def get_drift(self, request: Request) -> Response:
        """What a watch told last: a page where `Accept` names HTML."""
        told = await self.front.drift.told()
        if "text/html" in request.headers.get("accept", "").lower():
            return HTMLResponse(self.front.drift.page(told), headers=_DRIFT)
        return json_response(told, headers=_DRIFT)

    def _serving(self) -> Serving:
        """The version that serves; raises Refusal 503 with what to do when there is none."""
        serving = self.front.champion.serving
        if serving is None:
            raise no_version(self.front.champion)
        return serving

    def _keep(self, output: Targets, content: bytes) -> Receipt:
        labels = read_labels(output, content, limit=self.front.limits.rows, moment=self.clock())
        return _stored(lambda: self.predictions.feedback(labels))


def _stored(call: Callable[[], T]) -> T:
    """The result of `call`; the message of a failing store has no paths."""
    try:
        return call()
    except (StoreError, OSError) as error:
        _log.error("the predictions cannot be read or written: %s", error)
        message = "the predictions cannot be read or written now; try again later"
        told = f"{message}. Whoever runs this server finds the reason in its log"
        raise Refusal(503, told, code="not_recorded") from error


def _model(serving: Serving) -> dict[str, object]:
    lineage = asdict(serving.manifest.lineage)
    del lineage["packages"]
    return {
        "version": serving.version,
        "project": serving.manifest.project,
        "since": iso(serving.since),
        "inputs": serving.manifest.inputs,
        "outputs": serving.manifest.outputs,
        "metrics": {
            variant: {name: asdict(estimate) for name, estimate in scored.metrics.items()}
            for variant, scored in serving.manifest.variants.items()
        },
        "lineage": lineage,
        "caution": serving.manifest.caution,
    }
