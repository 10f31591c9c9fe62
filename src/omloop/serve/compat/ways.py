"""The table of ways: servers whose addresses and answers a server may take over beside its own."""

from collections.abc import Sequence

from omloop.core import Backends, UnknownNameError

COMPAT = Backends(
    "compat",
    {
        "kserve": "omloop.serve.compat.kserve:kserve",
        "mlflow": "omloop.serve.compat.mlflow:mlflow",
        "seeds": "omloop.serve.compat.former_service:seeds",
    },
)


def way_names(setting: str) -> tuple[str, ...]:
    """The names in a setting, divided by commas.

    >>> way_names("kserve, mlflow")
    ('kserve', 'mlflow')
    """
    return tuple(dict.fromkeys(name.strip() for name in setting.split(",") if name.strip()))


def require_ways(names: Sequence[str]) -> None:
    """Raise UnknownNameError for a name that no way has, before anything of any way is imported."""
    for name in names:
        if name not in COMPAT.known and name not in COMPAT.names():
            raise UnknownNameError("way of another server", name, COMPAT.names())
