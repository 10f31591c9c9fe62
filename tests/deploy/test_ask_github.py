"""The script that workflows ask GitHub with, against a server that answers as GitHub does."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.deploy.workflows import SERVICE

from omloop.deploy.github import github_files


@contextmanager
def github(answers: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """A server that answers GET by the beginning of the path, and keeps what it was asked."""
    asked: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
            asked.append((self.command, self.path, body))
            found = [answers[begin] for begin in answers if self.path.startswith(f"/repos/ann/rides/{begin}")]
            content = json.dumps(found[0] if found and self.command == "GET" else {}).encode()
            self.send_response(200 if self.headers["Authorization"] == "Bearer t0ken" else 401)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "ask_github.py"
    path.write_text(github_files(SERVICE)[".github/omloop/ask_github.py"], encoding="utf-8")
    return path


def say(script: Path, api: str, *words: str, known: bool = True) -> subprocess.CompletedProcess[str]:
    environ = {"GITHUB_API_URL": api, "GITHUB_REPOSITORY": "ann/rides", "GITHUB_TOKEN": "t0ken" if known else "wr0ng"}
    command = [sys.executable, "-I", str(script), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, env=environ)


def test_a_comment_is_written_once_and_then_brought_up_to_date(script: Path, tmp_path: Path) -> None:
    (tmp_path / "found.md").write_text("r2 0.9", encoding="utf-8")
    words = ("comment", "7", "rides-turn", str(tmp_path / "found.md"))
    bot, ann = {"login": "github-actions[bot]"}, {"login": "ann"}
    mark = "<!-- omloop: rides-turn -->"
    others = [{"id": 1, "user": ann, "body": mark}, {"id": 2, "user": bot, "body": "<!-- omloop: rides-data -->"}]
    with github({"issues/7/comments": others}) as (api, asked):
        assert say(script, api, *words).returncode == 0
    assert asked[-1] == ("POST", "/repos/ann/rides/issues/7/comments", {"body": f"{mark}\nr2 0.9"})
    ours = {"id": 3, "user": bot, "body": f"{mark}\nr2 0.8"}
    with github({"issues/7/comments": [*others, ours]}) as (api, asked):
        assert say(script, api, *words).returncode == 0
    assert asked[-1] == ("PATCH", "/repos/ann/rides/issues/comments/3", {"body": f"{mark}\nr2 0.9"})


def test_a_long_comment_is_cut_and_says_so(script: Path, tmp_path: Path) -> None:
    (tmp_path / "found.md").write_text("x" * 100_000, encoding="utf-8")
    with github({"issues/7/comments": []}) as (api, asked):
        say(script, api, "comment", "7", "rides-data", str(tmp_path / "found.md"))
    assert len(asked[-1][2]["body"]) < 65_536 and asked[-1][2]["body"].endswith("in the summary of the run.\n")


@pytest.mark.parametrize(
    ("run", "code", "told"),
    [
        ({"status": "completed", "conclusion": "success"}, 0, "Passed on c0ffee: rides-tests.yml."),
        ({"status": "completed", "conclusion": "failure"}, 1, "rides-tests.yml ended as 'failure' on c0ffee"),
        ({"status": "in_progress", "conclusion": None}, 1, "is in_progress on c0ffee after 0 minutes"),
        (None, 1, "is not begun on c0ffee"),
    ],
)
def test_a_deployment_waits_for_the_tests_of_its_commit(script: Path, run: Any, code: int, told: str) -> None:
    runs = [{**run, "html_url": "https://there"}] if run else []
    with github({"actions/workflows/rides-tests.yml/runs?head_sha=c0ffee": {"workflow_runs": runs}}) as (api, _):
        words = ("wait", "--commit", "c0ffee", "--minutes", "0", "--pause", "0", "rides-tests.yml")
        done = say(script, api, *words)
    assert done.returncode == code and told in done.stdout + done.stderr


def test_what_github_refuses_is_one_line_without_the_token(script: Path, tmp_path: Path) -> None:
    (tmp_path / "found.md").write_text("r2", encoding="utf-8")
    with github({}) as (api, _):
        done = say(script, api, "comment", "7", "x", str(tmp_path / "found.md"), known=False)
    assert done.returncode == 1 and done.stderr.startswith("GitHub answered 401 to GET issues/7/")
    assert "wr0ng" not in done.stderr and len(done.stderr.splitlines()) == 1
