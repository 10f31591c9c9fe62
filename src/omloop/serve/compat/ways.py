"""The table of ways: servers whose addresses and answers a server may take over beside its own."""

from collections.abc import Sequence

from omloop.core import Backends, UnknownNameError

COMPAT = Backends(
    "compat",
    {
        "former-service": "omloop.serve.compat.former_service:former_service",
        "kserve": "omloop.serve.compat.kserve:kserve",
        "mlflow": "omloop.serve.compat.mlflow:mlflow",
    },
)

FORMER_NAMES = {"seeds": "former-service"}


def way_names(setting: str) -> tuple[str, ...]:
    """The names in a comma-separated setting; `seeds` was the name of `former-service` until 0.2.

    >>> way_names("kserve, seeds, mlflow")
    ('kserve', 'former-service', 'mlflow')
    """
    names = (name.strip() for name in setting.split(","))
    return tuple(dict.fromkeys(FORMER_NAMES.get(name, name) for name in names if name))


def require_ways(names: Sequence[str]) -> None:
    """Raise UnknownNameError for an unknown name, before importing any protocol."""
    for name in names:
        if name not in COMPAT.known and name not in COMPAT.names():
            raise UnknownNameError("way of another server", name, COMPAT.names())
