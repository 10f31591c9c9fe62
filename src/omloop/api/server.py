"""A server that runs beside the program that started it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from omloop.api.rows import body_of
from omloop.core import API_KEY, Facts, ServeError
from omloop.loop.serving.server_process import session

if TYPE_CHECKING:
    from types import TracebackType

    from omloop.loop.workspace import Workspace


class RunningServer(Facts):
    """`omloop serve` in its own process, on a free port of the loopback address, until you close it.

    Call `close`, or use it as a context. Raises OmloopError when it does not start.
    """

    def __init__(self, name: str, workspace: Workspace, fields: Sequence[str]) -> None:
        self.project, self._fields, self._open = name, fields, ExitStack()
        self.url, self.process = self._open.enter_context(session(name, workspace))

    def facts(self) -> dict[str, Any]:
        """Where it is."""
        return {"project": self.project, "url": self.url, "docs": f"{self.url}/docs"}

    def predict(self, rows: Any) -> list[dict[str, Any]]:
        """Ask it for answers to rows, in any form that `Workspace.predict` takes; raises ServeError for a refusal."""
        request = urllib.request.Request(  # noqa: S310  our own address
            f"{self.url}/v1/predict", body_of(rows, self._fields), {"Content-Type": "application/json", **_key()}
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                found: list[dict[str, Any]] = json.load(answer)["predictions"]
                return found
        except urllib.error.HTTPError as error:
            raise ServeError(f"{error.code}: {error.read().decode()}") from error
        except urllib.error.URLError as error:
            raise ServeError(f"{self.url} does not answer: {error.reason}. Start it again.") from error

    def close(self) -> None:
        """End the server, after it has answered what it accepted."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _key() -> dict[str, str]:
    """The key that a server with keys asks for, from the environment."""
    key = os.environ.get(API_KEY, "").strip()
    return {"X-API-Key": key} if key else {}
