"""Memories that machines of a delivery must share."""

from collections.abc import Mapping, Sequence

from omloop.core import OmloopError
from omloop.deploy.service import Service

SHARED: Mapping[str, Sequence[str]] = {"STORE": ("gs://", "s3://"), "PREDICTIONS": ("gs://", "s3://", "postgres")}
"""Memories that all of them must reach, and how their addresses begin."""


def require_shared(service: Service, why: str) -> None:
    """Raise OmloopError, which begins with `why`, if versions or predictions lie in a folder."""
    for name, schemes in SHARED.items():
        value = service.variables.get(f"OMLOOP_{name}", "")
        if f"OMLOOP_{name}" not in service.secrets and not value.startswith(tuple(schemes)):
            kept = f"'{name.lower()}' is '{value or 'files'}'"
            raise OmloopError(
                f"{why}, but {kept}. Keep it where all of them reach it, in omloop.toml: "
                f'{name.lower()} = "{schemes[0]}BUCKET/{name.lower()}"'
            )
