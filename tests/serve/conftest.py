import itertools
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import httpx
import pytest

from omloop.bundle import Bundle
from omloop.serve import Champion, Limits, ServerOptions, create_app, running
from omloop.serve.access.guard import Guard
from omloop.serve.http.asgi import Front
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

TLS = ssl.create_default_context()
"""For every client: each would read all the system's certificates, and no server here has one."""
ROW = {"hours": 1, "age": 20, "sex": "m"}  # 1 + 2 * 20 + 3 = 44 times the weight


@dataclass
class Server:
    """A real server on a loopback socket, with the fakes behind it."""

    client: httpx.Client
    champion: Champion
    versions: MemoryVersions
    predictions: MemoryPredictions
    app: Front
    way: str

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
        compat: tuple[str, ...] = ...,
        cors: tuple[str, ...] = ...,
        *,
        guard: Guard | None = ...,
        traces: Any = ...,
        explain: Any = ...,
    ) -> AbstractContextManager[Server]: ...


@pytest.fixture
def row() -> dict[str, Any]:
    return dict(ROW)


@pytest.fixture
def way() -> str:
    """How predictions are asked for: through the short way, or as from any ASGI server. Tests may take both."""
    return "short"


@pytest.fixture
def serve_with(way: str) -> Serve:
    """Start a server over fakes; it polls once an hour unless told, so that tests decide when a swap happens."""

    @contextmanager
    def start(
        versions: MemoryVersions | None = None,
        predictions: MemoryPredictions | None = None,
        limits: Limits | None = None,
        poll_s: float = 3600.0,
        compat: tuple[str, ...] = (),
        cors: tuple[str, ...] = (),
        *,
        guard: Guard | None = None,
        traces: Any = None,
        explain: Any = None,
    ) -> Iterator[Server]:
        versions = versions or MemoryVersions(tiny_bundle())
        predictions = predictions or MemoryPredictions()
        champion = Champion(versions, threads=1)
        ids = itertools.count()
        app = create_app(
            champion,
            predictions,
            new_id=lambda: f"p{next(ids):09}",
            options=ServerOptions(
                limits or Limits(workers=2),
                poll_s,
                compat=compat,
                cors=cors,
                guard=guard,
                traces=traces,
                explain=explain,
            ),
        )
        with (
            running(app, short=way == "short") as url,
            httpx.Client(base_url=url, timeout=20, trust_env=False, verify=TLS) as client,
        ):
            yield Server(client, champion, versions, predictions, app, way)

    return start


@pytest.fixture
def server(serve_with: Serve) -> Iterator[Server]:
    with serve_with() as started:
        yield started


@pytest.fixture(scope="package")
def hostile() -> Iterator[Callable[..., Server]]:
    """Servers that a whole corpus is sent to, one a way and bundle: what one request breaks, the next would notice."""
    with ExitStack() as stack:

        @cache
        def start(way: str, bundle: Callable[[], Bundle] = tiny_bundle, compat: tuple[str, ...] = ()) -> Server:
            ids = itertools.count()
            predictions, champion = MemoryPredictions(), Champion(MemoryVersions(bundle()), threads=1)
            options = ServerOptions(Limits(workers=2, body_s=2), compat=compat)
            app = create_app(champion, predictions, new_id=lambda: str(next(ids)), options=options)
            url = stack.enter_context(running(app, short=way == "short"))
            client = stack.enter_context(httpx.Client(base_url=url, timeout=20, trust_env=False, verify=TLS))
            return Server(client, champion, MemoryVersions(), predictions, app, way)

        yield start


@pytest.fixture
def no_faults(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that happens in the test may leave a traceback or an error in the log."""
    yield
    records = [*caplog.get_records("call"), *caplog.records]  # the handler begins anew with each phase of a test
    assert not [record for record in records if record.exc_info or record.levelno >= logging.ERROR]
