"""The table of routes, and the page that describes them."""

import re
from pathlib import Path

from omloop.loop.steer.errors import CODES
from omloop.loop.steer.table import routes

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "workspace-api.md").read_text()


def test_every_route_stands_on_its_page_with_its_role() -> None:
    written = {
        (method, path, role) for method, path, role in re.findall(r"\| `(GET|POST) ([^?`]+)[^`]*` \| `(\w+)` \|", PAGE)
    }
    there = {(route.method, _written(route.path), route.role) for route in routes() if route.path != "/"}
    assert written == there


def test_every_code_of_an_error_stands_on_the_page() -> None:
    assert all(f"| `{code}` |" in PAGE and meaning in PAGE for code, meaning in CODES.items())


def _written(path: str) -> str:
    words = {"{project}": "NAME", "{name:path}": "NAME", "{name}": "NAME"}
    for word, plain in words.items():
        path = path.replace(word, plain)
    path = re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), path)
    return re.sub(r"^/projects/NAME", "P", path) or "/api/v1"
