"""Tell a repository on GitHub that something happened, so that its workflows begin (`repository_dispatch`)."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from omloop.core import OmloopError, is_loopback

TIMEOUT_S = 15.0
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""Environment variables for a token; the first one that is set counts."""
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_REMOTE = re.compile(
    r"(?:https?://|ssh://)?(?:[^@/\s]+@)?(?P<host>[\w.-]+)(?::\d+)?[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class GithubRepository:
    """A repository `OWNER/NAME`, the address of the API that knows it, and a token that may write its contents."""

    name: str
    api: str
    token: str = field(repr=False)

    @staticmethod
    def of(name: str, remote: str, environ: Mapping[str, str]) -> GithubRepository:
        """The repository of that name; else of the variable GITHUB_REPOSITORY, else of the address of a git remote.

        The API is that of the variable GITHUB_API_URL, else that of the remote's host. Raises OmloopError without a
        repository or a token, or for an API that must not get a token.
        """
        there = _REMOTE.fullmatch(remote)
        found = name or environ.get("GITHUB_REPOSITORY", "") or (there["name"] if there else "")
        if not _REPOSITORY.fullmatch(found):
            given = f"'{found}' is no repository of GitHub" if found else "No repository of GitHub is known here"
            raise OmloopError(f'{given}. Name it in omloop.toml: [deploy] repository = "OWNER/NAME".')
        token = next((environ[one] for one in TOKENS if environ.get(one)), "").strip()
        if not re.fullmatch(r"[!-~]+", token):
            raise OmloopError(
                f"Telling {found} needs a token that may write its contents, in the variable {TOKENS[0]}; "
                "in a workflow: ${{ github.token }}, with the permission contents: write."
            )
        return GithubRepository(found, _checked(environ.get("GITHUB_API_URL") or _api(there)), token)

    def dispatch(self, event: str, payload: Mapping[str, object]) -> None:
        """Begin the workflows that wait for `event`; raises OmloopError if telling the repository fails."""
        body = json.dumps({"event_type": event, "client_payload": payload}).encode()
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": "omloop",
        }
        request = urllib.request.Request(  # noqa: S310  https, or this machine, see `_checked`
            f"{self.api}/repos/{self.name}/dispatches", body, headers, method="POST"
        )
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S):
                return
        except urllib.error.HTTPError as error:
            error.close()
            raise OmloopError(f"{self.name} was not told: {_why(error.code)}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            raise OmloopError(
                f"{self.name} was not told: {urlsplit(self.api).netloc} cannot be reached: {words}."
            ) from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """A token is for one host alone."""
        return


def _api(remote: re.Match[str] | None) -> str:
    host = remote["host"] if remote else "github.com"
    return "https://api.github.com" if host.endswith("github.com") else f"https://{host}/api/v3"


def _checked(api: str) -> str:
    """The address of an API without a slash at its end, if the API may get a token."""
    parts = urlsplit(api)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        return api.rstrip("/")
    raise OmloopError(f"GITHUB_API_URL is '{api}', where no token is sent. Give an address of https://.")


def _why(status: int) -> str:
    reasons = {
        401: "the token is not valid, or no longer. Make a new one.",
        403: "the token may not. It needs to write the contents of this repository.",
        404: "there is no such repository, or the token may not see it. It needs to write the contents of it.",
        422: "GitHub does not take this event.",
        429: "too much was asked of GitHub. Try again in some minutes.",
    }
    if 300 <= status < 400:
        return "it has moved. Set its new name: git remote set-url origin ADDRESS, or deploy_repository."
    return reasons.get(status, f"GitHub answered {status}. Try again in some minutes.")
