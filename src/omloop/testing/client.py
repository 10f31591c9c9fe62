"""A client of a bundle's server without sockets: for tests of what calls the server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from omloop.core import OmloopError
from omloop.testing.memories import MemoryPredictions, MemoryVersions

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from omloop.bundle import Bundle


@contextmanager
def client(bundle: Bundle, predictions: MemoryPredictions | None = None) -> Iterator[TestClient]:
    """An `httpx.Client` whose requests the server of `bundle` answers, in this process; see docs/reference/http-api.md.

    `predictions` keeps its answers and the labels that it gets. Ids count up from 1, so that answers are the
    same in each run. Raises OmloopError without httpx.
    """
    try:
        from starlette.testclient import TestClient
    except (ImportError, RuntimeError) as error:  # Starlette says so as a RuntimeError
        raise OmloopError(
            "omloop.testing.client needs 'httpx', which is not installed. Add it with: pip install httpx"
        ) from error
    from omloop.serve import Champion, create_app

    numbers, champion = itertools.count(1), Champion(MemoryVersions(bundle))
    app = create_app(champion, predictions or MemoryPredictions(), new_id=lambda: f"{next(numbers):026d}")
    with TestClient(app) as http:
        yield http
