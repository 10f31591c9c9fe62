"""The role that each address needs: the one table of it.

It has the addresses of other servers too, whether this server answers them or not. For any other address the method
decides, so that an address nobody thought of is never open.
"""

import re
from dataclasses import dataclass, field

PREDICT, FEEDBACK, READ, PROBE, ADMIN = "predict", "feedback", "read", "probe", "admin"
ROLES = (PREDICT, FEEDBACK, READ, PROBE, ADMIN)
OPEN = ""
"""What everybody may ask."""

_TABLE = {
    ("GET", "/"): OPEN,  # leads to the page
    ("GET", "/docs"): OPEN,  # a page that knows nothing of the project, and asks for a key itself
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/openapi.json"): READ,
    ("GET", "/metrics"): READ,
    ("GET", "/v1/model"): READ,
    ("GET", "/v1/batching"): READ,
    ("GET", "/v1/predictions/{id}"): READ,
    ("GET", "/v1/drift"): READ,
    ("POST", "/v1/predict"): PREDICT,
    ("POST", "/v1/feedback"): FEEDBACK,
    # kserve
    ("GET", "/v2/health/live"): OPEN,
    ("GET", "/v2/health/ready"): OPEN,
    ("POST", "/v2/repository/index"): READ,
    # mlflow
    ("GET", "/ping"): OPEN,
    ("GET", "/health"): OPEN,
}
_BY_METHOD = {"GET": READ, "HEAD": READ, "OPTIONS": READ}
_INCLUDED = {PROBE: (PREDICT, READ), ADMIN: ROLES}
CHANGING = (PREDICT, FEEDBACK, ADMIN)
"""Roles of requests that leave something behind."""


@dataclass(frozen=True)
class Caller:
    """A caller, by the name of its key or token, and what it may do."""

    name: str
    roles: frozenset[str] = frozenset()
    _all: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    def __post_init__(self) -> None:
        """Roles include others: `admin` may do all, `probe` may predict and read."""
        included = (role for one in self.roles for role in _INCLUDED.get(one, ()))
        object.__setattr__(self, "_all", self.roles.union(included))

    def may(self, role: str) -> bool:
        """Whether it has the role, or one that includes it.

        >>> [Caller("cron", frozenset({"probe"})).may(role) for role in ("predict", "feedback", "probe")]
        [True, False, True]
        """
        return role in self._all


def role_of(method: str, path: str) -> str:
    """The role that a request needs; OPEN for none.

    >>> role_of("POST", "/v1/predict"), role_of("HEAD", "/healthz"), role_of("GET", "/v1/predictions/7")
    ('predict', '', 'read')
    >>> role_of("POST", "/nowhere"), role_of("GET", "/nowhere")
    ('predict', 'read')
    """
    known = _TABLE.get(("GET" if method == "HEAD" else method, path))
    return _BY_METHOD.get(method, PREDICT) if known is None else known


def table() -> dict[tuple[str, str], str]:
    """The table, by method and address, for the pages and tests."""
    return dict(_TABLE)


def role_names(given: str) -> tuple[str, ...]:
    """The words of a text that divides them by commas or blanks.

    >>> role_names("predict, feedback")
    ('predict', 'feedback')
    """
    return tuple(word for word in re.split(r"[\s,]+", given) if word)
