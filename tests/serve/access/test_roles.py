"""The table names every address of our own."""

from fastapi.routing import APIRoute
from starlette.routing import Route
from tests.serve.conftest import Server

from omloop.serve.access.roles import ROLES, role_of, table
from omloop.serve.rest import _IN_FRONT, create_rest


def test_every_address_of_our_own_is_in_the_table(server: Server) -> None:
    app = create_rest(server.app, server.predictions, new_id=str)
    routes = [route for route in app.routes if isinstance(route, Route) and not isinstance(route, APIRoute)]
    own = {(method, route.path) for route in routes for method in route.methods or () if route.path not in _IN_FRONT}
    own |= {(method, path) for path, method in _IN_FRONT.items()}
    assert len(own) > 8 and {one for one in own if one[0] not in ("HEAD", "OPTIONS")} <= set(table())
    assert set(table().values()) <= {"", *ROLES}


def test_nothing_that_changes_something_is_open() -> None:
    assert all(role_of(method, path) for method, path in table() if method not in ("GET", "HEAD"))
    assert [role_of(method, "/elsewhere") for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "X")] == [
        "read", "read", "read", "predict", "predict", "predict",
    ]  # fmt: skip
