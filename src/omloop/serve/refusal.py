"""Answers that are not a 200: one shape for all, `{"error": {"code": ..., "message": ..., "request_id": ...}}`."""

from collections.abc import Mapping, Sequence

import orjson

from omloop.core import Fault, InputError

CODES = {
    "invalid_http": "What came is no request of HTTP/1.1.",
    "invalid_header": "A header that this server reads is malformed.",
    "invalid_query": "The query asks for what there is not.",
    "unreadable": "The body cannot be read at all.",
    "invalid_digest": "`Content-Digest` is malformed.",
    "digest_mismatch": "The body is not the one whose `Content-Digest` was sent.",
    "invalid_input": "The body can be read, and does not fit the signature.",
    "unauthenticated": "A key or token is asked for, and none was sent that is known.",
    "forbidden": "The key or token has not the role that this needs, or a page of another origin asks.",
    "not_found": "There is no such address, prediction, model or version.",
    "method_not_allowed": "The address exists, and is asked in another way.",
    "idempotency_key_in_use": "The first request with this `Idempotency-Key` has no answer yet.",
    "idempotency_key_reused": "The `Idempotency-Key` was sent with another request.",
    "request_timeout": "The request was not whole in time.",
    "too_large": "The body, or what answering it takes, is too large.",
    "unsupported_media_type": "The content type or coding is not accepted.",
    "wrong_host": "The server has not the name by which it was asked.",
    "rate_limited": "The caller asks more often than it may.",
    "overloaded": "Too much waits, is open or takes memory; try again later.",
    "headers_too_large": "The address and headers are too long.",
    "internal_error": "A fault of the server.",
    "not_ready": "No version serves, or the server is about to stop.",
    "not_recorded": "The prediction or label could not be recorded, or cannot be read now.",
    "not_supported": "What is asked for needs a package that is not installed on the server.",
    "deadline_exceeded": "The time that the request allowed was over.",
}
"""Every `code` of a refusal, for programs, with what it says. Codes stay; messages may change."""
_BY_STATUS = {
    400: "invalid_input",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "too_large",
    415: "unsupported_media_type",
    421: "wrong_host",
    422: "invalid_input",
    429: "overloaded",
    431: "headers_too_large",
    503: "overloaded",
    504: "deadline_exceeded",
}


class Refusal(Exception):
    """A request that is answered with `status` and a message for the client; never a traceback.

    `code` is one of `CODES`, by default that of the status. `field` is where it is wrong, and `found` what is: several
    faults have the first of them at `field`. `fault` is what the log calls a bug.
    """

    fault: str = ""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        field: str = "",
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
        found: InputError | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _BY_STATUS.get(status, "internal_error")
        self.field = field
        self.headers = headers
        self.extra = extra or {}
        self.faults, self.more = (found.faults, found.more) if found else ((), 0)

    def body(self, request_id: str) -> dict[str, object]:
        """The answer's JSON.

        >>> Refusal(422, "is missing", field="rows[0].age").body("r1")["error"]
        {'code': 'invalid_input', 'message': 'is missing', 'field': 'rows[0].age', 'request_id': 'r1'}
        """
        named = {"field": self.field, "id": self.fault, "faults": list_faults(self.faults), "more": self.more}
        more = {name: value for name, value in named.items() if value}
        return {"error": {"code": self.code, "message": self.message, **more, "request_id": request_id}, **self.extra}

    def encoded(self, request_id: str) -> bytes:
        """`body` as bytes."""
        return orjson.dumps(self.body(request_id))


def list_faults(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Faults as an answer lists them."""
    return [{"field": fault.field, "message": fault.reason} for fault in faults]


def refused_input(error: InputError) -> Refusal:
    """What a client is told of a bad body: 400 when no decoder could read it, 422 when it does not fit the signature.

    >>> refused_input(InputError("is missing", "rows[0].age")).status
    422
    """
    # A kind keeps the decoder's own error as the cause, and has no field to name when there is nothing to look into.
    if error.__cause__ is not None and not error.field:
        return Refusal(400, error.reason, code="unreadable")
    return Refusal(422, error.reason, field=error.field, found=error)


def internal_error(fault: str) -> Refusal:
    """What a client is told of a bug: what the log calls it, and no more."""
    refusal = Refusal(500, "internal error; the server's log has the details")
    refusal.fault = fault
    return refusal
