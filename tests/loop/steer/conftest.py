"""What tests of the routes share: a client of a workspace without sockets."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from omloop.loop import Workspace
from omloop.loop.steer.app import create_routes

Client = Callable[..., TestClient]


@pytest.fixture
def client() -> Client:
    """Make a client of the routes over a workspace, at /api/v1."""

    def make(workspace: Workspace, **options: object) -> TestClient:
        app = create_routes(workspace, **options)  # type: ignore[arg-type]
        return TestClient(app, base_url="http://127.0.0.1/api/v1")

    return make
