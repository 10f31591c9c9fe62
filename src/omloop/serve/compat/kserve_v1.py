"""KServe's first protocol, as its SDK still speaks it: `instances` in, `predictions` out, as at `/invocations`."""

from starlette.requests import Request
from starlette.responses import Response

from omloop.serve.compat.mlflow import first_said, rows_of_form
from omloop.serve.compat.way import JSON, predict, receive_as_sent, serving_of, translate_routes
from omloop.serve.http.asgi import Front
from omloop.serve.http.replies import json_response
from omloop.serve.refusal import Refusal
from omloop.serve.version.serving import Serving

MODELS = "/v1/models"
MODEL = "/v1/models/{name}"
PREDICT = "/v1/models/{name}:predict"


class FirstProtocol:
    """The endpoints."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def models(self, request: Request) -> Response:
        """The names of the models that serve."""
        serving = self._front.champion.serving
        return json_response({"models": [] if serving is None else [serving.manifest.project]})

    async def model(self, request: Request) -> Response:
        """Whether the model is ready."""
        serving, refusal = named_version(self._front, request), self._front.ready()
        if refusal is not None:
            raise refusal
        return json_response({"name": serving.manifest.project, "ready": True})

    async def infer(self, request: Request) -> Response:
        """Predict."""
        serving = named_version(self._front, request)
        asked = await receive_as_sent(request, self._front, (JSON,))
        rows = await translate_routes(self._front, asked, rows_of_form, asked.content, serving, ("instances", "inputs"))
        answered = await predict(self._front, asked, rows, JSON)
        return json_response({"predictions": [first_said(prediction) for prediction in answered.predictions]})


def named_version(front: Front, request: Request) -> Serving:
    """The version that serves, if it is the one in the address; raises Refusal 404."""
    serving, asked = serving_of(front), request.path_params
    if asked["name"] != serving.manifest.project:
        raise Refusal(404, f"there is no model '{asked['name']:.80}'; there is {serving.manifest.project}")
    if asked.get("version", serving.version) not in (serving.version, ""):
        raise Refusal(404, f"version '{asked['version']:.80}' does not serve; {serving.version} does")
    return serving
