"""What tests of the routes share: a client of a workspace without sockets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from starlette.testclient import TestClient

from omloop.loop import Workspace
from omloop.loop.steer.app import create_routes

Client = Callable[..., TestClient]


@pytest.fixture
def client() -> Iterator[Client]:
    """Make a client of the routes over a workspace, at /api/v1."""
    with ExitStack() as stack:

        def make(workspace: Workspace, **options: object) -> TestClient:
            app = stack.enter_context(closing(create_routes(workspace, **options)))  # type: ignore[arg-type]
            return TestClient(app, base_url="http://127.0.0.1/api/v1")

        yield make
