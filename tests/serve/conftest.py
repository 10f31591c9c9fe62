import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import pytest

from omloop.serve import Champion, Limits, create_app, running
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

ROW = {"hours": 1, "age": 20, "sex": "m"}  # 1 + 2 * 20 + 3 = 44 times the weight


@dataclass
class Server:
    """A real server on a loopback socket, with the fakes behind it."""

    client: httpx.Client
    champion: Champion
    versions: MemoryVersions
    predictions: MemoryPredictions

    @property
    def url(self) -> str:
        return str(self.client.base_url).rstrip("/")

    def predict(self, *rows: Any) -> httpx.Response:
        return self.client.post("/v1/predict", json={"rows": list(rows) or [ROW]})


class Serve(Protocol):
    def __call__(
        self,
        versions: MemoryVersions | None = ...,
        predictions: MemoryPredictions | None = ...,
        limits: Limits | None = ...,
        poll_s: float = ...,
    ) -> AbstractContextManager[Server]: ...


@pytest.fixture
def row() -> dict[str, Any]:
    return dict(ROW)


@pytest.fixture
def serve_with() -> Serve:
    """Start a server over fakes; it polls once an hour unless told, so that tests decide when a swap happens."""

    @contextmanager
    def start(
        versions: MemoryVersions | None = None,
        predictions: MemoryPredictions | None = None,
        limits: Limits | None = None,
        poll_s: float = 3600.0,
    ) -> Iterator[Server]:
        versions = versions or MemoryVersions(tiny_bundle())
        predictions = predictions or MemoryPredictions()
        champion = Champion(versions, threads=1)
        ids = itertools.count()
        app = create_app(
            champion, predictions, new_id=lambda: f"p{next(ids):09}", limits=limits or Limits(workers=2), poll_s=poll_s
        )
        with running(app) as url, httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
            yield Server(client, champion, versions, predictions)

    return start


@pytest.fixture
def server(serve_with: Serve) -> Iterator[Server]:
    with serve_with() as started:
        yield started
