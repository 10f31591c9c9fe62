"""Telling a repository of an event, against a server that answers as GitHub's API does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from omloop.core import OmloopError
from omloop.deploy import GithubRepository

TOKEN = "ghp_" + "a" * 20
KNOWN = {"GITHUB_TOKEN": TOKEN}


@contextmanager
def github_api(status: int = 204) -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """A server that answers every POST with one status, and keeps the path, the token and the body of each."""
    received: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((self.path, self.headers["Authorization"], body))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/repositories/1/dispatches")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", received
        server.shutdown()


def test_the_event_goes_to_the_repository_with_the_token() -> None:
    with github_api() as (api, received):
        GithubRepository.of("ann/rides", "", {**KNOWN, "GITHUB_API_URL": api}).dispatch("omloop-promoted", {"a": 1})
    body = {"event_type": "omloop-promoted", "client_payload": {"a": 1}}
    assert received == [("/repos/ann/rides/dispatches", f"Bearer {TOKEN}", body)]


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "not valid"), (403, "may not"), (404, "no such repository"), (301, "moved"), (500, "answered 500")],
)
def test_what_is_refused_is_said_in_words_without_the_token(status: int, told: str) -> None:
    with github_api(status) as (api, _):
        repository = GithubRepository.of("ann/rides", "", {**KNOWN, "GITHUB_API_URL": api})
        with pytest.raises(OmloopError, match=told) as caught:
            repository.dispatch("omloop-promoted", {})
    assert TOKEN not in str(caught.value) and TOKEN not in repr(repository)


def test_a_service_that_is_away_is_said() -> None:
    repository = GithubRepository.of("ann/rides", "", {**KNOWN, "GITHUB_API_URL": "http://127.0.0.1:9"})
    with pytest.raises(OmloopError, match=r"ann/rides was not told: 127.0.0.1:9 cannot be reached: Connection refused"):
        repository.dispatch("omloop-promoted", {})


@pytest.mark.parametrize(
    ("remote", "name", "api"),
    [
        ("https://github.com/ann/rides.git", "ann/rides", "https://api.github.com"),
        ("https://ann:pw@github.com/ann/rides", "ann/rides", "https://api.github.com"),
        ("git@github.com:ann/rides.git", "ann/rides", "https://api.github.com"),
        ("ssh://git@ssh.github.com:443/ann/rides.git", "ann/rides", "https://api.github.com"),
        ("git@git.example:ann/rides.git", "ann/rides", "https://git.example/api/v3"),
    ],
)
def test_the_repository_is_that_of_the_git_remote(remote: str, name: str, api: str) -> None:
    found = GithubRepository.of("", remote, KNOWN)
    assert (found.name, found.api) == (name, api)


def test_what_is_set_goes_before_the_workflows_own_and_that_before_the_remote() -> None:
    remote, environ = "git@github.com:ann/rides.git", {**KNOWN, "GITHUB_REPOSITORY": "bob/rides"}
    assert GithubRepository.of("eve/rides", remote, environ).name == "eve/rides"
    assert GithubRepository.of("", remote, environ).name == "bob/rides"


@pytest.mark.parametrize(
    ("name", "remote", "environ", "told"),
    [
        ("", "", KNOWN, r"No repository of GitHub is known here.*\[deploy\] repository"),
        ("", "/srv/rides.git", KNOWN, "No repository"),
        ("rides", "", KNOWN, "'rides' is no repository of GitHub"),
        ("ann/rides/../x", "", KNOWN, "is no repository"),
        ("ann/rides", "", {}, "needs a token .* GITHUB_TOKEN"),
        ("ann/rides", "", {"GITHUB_TOKEN": "a\r\nHost: b"}, "needs a token"),
        ("ann/rides", "", {**KNOWN, "GITHUB_API_URL": "http://git.example/api/v3"}, "no token is sent"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    name: str, remote: str, environ: dict[str, str], told: str
) -> None:
    with pytest.raises(OmloopError, match=told) as caught:
        GithubRepository.of(name, remote, environ)
    assert TOKEN not in str(caught.value)
