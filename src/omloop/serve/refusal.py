"""Answers that are not a 200: one shape for all of them, `{"error": {"message": ..., "field": ...}}`."""

from collections.abc import Mapping
from typing import Any

from omloop.core import InputError


class Refusal(Exception):
    """A request that is answered with `status` and a message for the client; never a traceback."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str = "",
        fault: str = "",
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        self.fault = fault
        self.headers = headers
        self.extra = extra or {}

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON.

        >>> Refusal(422, "is missing", field="rows[0].age").body
        {'error': {'message': 'is missing', 'field': 'rows[0].age'}}
        """
        more = {name: value for name, value in (("field", self.field), ("id", self.fault)) if value}
        return {"error": {"message": self.message, **more}, **self.extra}


def refused_input(error: InputError) -> Refusal:
    """What a client is told of a bad body: 400 when no decoder could read it, 422 when it does not fit the signature.

    >>> refused_input(InputError("is missing", "rows[0].age")).status
    422
    """
    # A kind keeps the decoder's own error as the cause, and has no field to name when there is nothing to look into.
    unreadable = error.__cause__ is not None and not error.field
    return Refusal(400 if unreadable else 422, error.reason, field=error.field)
