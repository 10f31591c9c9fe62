"""A whole turn through each remote source, against services on the loopback address that answer as the real ones do."""

import csv
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import polars
import pytest

from omloop.core import Project
from omloop.data.sources.kaggle import KaggleSettings
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Service(BaseHTTPRequestHandler):
    """Pages by path, of (body, headers)."""

    pages: dict[str, tuple[bytes, dict[str, str]]] = {}

    def do_HEAD(self) -> None:
        self._send(body=False)

    def do_GET(self) -> None:
        self._send(body=True)

    def _send(self, *, body: bool) -> None:
        content, headers = self.pages.get(self.path.partition("?")[0], (b"", {}))
        self.send_response(200 if self.path.partition("?")[0] in self.pages else 404)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    Service.pages = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def records(student: Project) -> dict[str, list[Any]]:
    return {name: list(values) for name, values in student.simulate(400, 1, 0.0).items()}


@pytest.fixture(scope="module")
def table(records: dict[str, list[Any]]) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(records)
    lines.writerows(zip(*records.values(), strict=True))
    return text.getvalue().encode()


def turned(student: Project, workspace: Workspace, *words: str) -> Any:
    return turn(Plan.of(student, [*words, "model=linear"], workspace))


def test_a_turn_through_a_url(student: Project, workspace: Workspace, site: str, table: bytes) -> None:
    Service.pages["/data.csv"] = (table, {})
    done = turned(student, workspace, "data=url", f"data.url={site}/data.csv")
    assert sum(done.rows) == 400
    assert workspace.registry(student.name).champion() == done.version


@pytest.mark.slow
def test_a_turn_through_kaggle(
    student: Project, workspace: Workspace, site: str, table: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("data.csv", table)
    Service.pages["/datasets/download/ada/toys/data.csv"] = (archive.getvalue(), {})
    monkeypatch.setenv("KAGGLE_USERNAME", "ada")
    monkeypatch.setenv("KAGGLE_KEY", "key")
    own = Workspace(workspace.settings.having(KaggleSettings(site)))
    done = turned(student, own, "data=kaggle", "data.dataset=ada/toys", "data.file=data.csv")
    assert sum(done.rows) == 400


@pytest.mark.slow
def test_a_turn_through_the_hugging_face_hub(
    student: Project, workspace: Workspace, site: str, records: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library itself asks a hub that knows one commit of one data set of one file."""
    constants = pytest.importorskip("huggingface_hub.constants")
    content = io.BytesIO()
    polars.DataFrame(records).write_parquet(content)
    told = {"id": "ada/toys", "sha": COMMIT, "siblings": [{"rfilename": "data.parquet"}]}
    kind = {"Content-Type": "application/json"}
    Service.pages["/api/datasets/ada/toys/revision/main"] = (json.dumps(told).encode(), kind)
    tree = [{"type": "file", "path": "data.parquet", "size": len(content.getvalue()), "oid": COMMIT}]
    Service.pages[f"/api/datasets/ada/toys/tree/{COMMIT}"] = (json.dumps(tree).encode(), kind)
    Service.pages[f"/datasets/ada/toys/resolve/{COMMIT}/data.parquet"] = (
        content.getvalue(),
        {"ETag": '"abc"', "X-Repo-Commit": COMMIT},
    )
    monkeypatch.setattr(constants, "ENDPOINT", site)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", site + "/{repo_id}/resolve/{revision}/{filename}")
    done = turned(student, workspace, "data=huggingface", "data.dataset=ada/toys")
    assert sum(done.rows) == 400
