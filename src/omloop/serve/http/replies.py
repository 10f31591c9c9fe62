"""JSON answers of Starlette's."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from omloop.serve.refusal import Refusal


def json_response(body: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Any JSON value as an answer."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def refusal_response(refusal: Refusal, request_id: str) -> Response:
    """A refusal as an answer."""
    return json_response(refusal.body(request_id), status=refusal.status, headers=refusal.headers)
