"""Google Cloud's REST APIs: asked in one place, with what they refuse told in one line.

The session is google-auth's own; Google's client libraries would do the same in 125 MB more. Answers are those of
https://docs.cloud.google.com/apis/design/errors and of https://google.aip.dev/151 for operations.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from omloop.core import OmloopError, first_line
from omloop.deploy.google.refusals import CloudError, explain, no_credentials, sentence

Query = Mapping[str, object] | None
ROOT = "https://{host}"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ANSWER_S = 60.0
"""How long a service may take to answer."""
OPERATION_S = 900.0
"""How long an operation may take: Cloud Run gives a revision up after ten minutes or so."""
POLL_S = (0.5, 1.0, 2.0, 4.0)
"""Seconds between looks at an operation; the last of them again and again."""
AGAIN_S = (1.0, 3.0)
"""Seconds until a question is asked again whose answer was lost, or that came at a bad moment."""
PASSING = (429, 500, 502, 503, 504)
"""Answers after which the same question may get another one."""


@dataclass(frozen=True)
class GoogleCloud:
    """A project of Google Cloud and a region, asked by `session`; `billing` is a billing account, or empty.

    `elsewhere` has locations outside of the region: `registry` for images, which may lie in a whole continent, and
    `scheduler`, as Cloud Scheduler is not in every region.

    `owner` is the delivery's name there: every resource of omloop carries it. `root` with a host filled in is the
    address of an API.
    """

    project: str
    region: str
    owner: str
    session: Any
    billing: str = ""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    root: str = ROOT
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def connect(cls, project: str, region: str, owner: str, billing: str = "", **elsewhere: str) -> Self:
        """Log in with the application default credentials. Raises OmloopError if there are none."""
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import AuthorizedSession
        from google.oauth2.credentials import Credentials

        try:
            credentials, _ = google.auth.default(scopes=[SCOPE])
        except GoogleAuthError as error:
            raise no_credentials() from error
        if isinstance(credentials, Credentials) and not credentials.quota_project_id:
            credentials = credentials.with_quota_project(project)  # a person's questions count for no project otherwise
        return cls(project, region, owner, AuthorizedSession(credentials), billing, elsewhere)

    def location(self, of: str) -> str:
        """Where something is: elsewhere, or in the region."""
        return self.elsewhere.get(of) or self.region

    def ask(
        self, method: str, host: str, path: str, body: Mapping[str, Any] | None = None, query: Query = None
    ) -> dict[str, Any]:
        """The answer of an API, after the end of an operation that it began. Raises CloudError for a refusal.

        If the service is briefly unavailable, it repeats a request that changes nothing.
        """
        pauses = AGAIN_S if method == "GET" else ()
        for pause in (*pauses, None):
            try:
                return self._ended(host, path, self._once(method, host, path, body, query or {}))
            except CloudError as error:
                if pause is None or error.status not in PASSING or error.lasts:
                    raise
                self.sleep(pause)
        raise AssertionError  # the last round returns or raises

    def find(
        self, host: str, path: str, query: Query = None, *, method: str = "GET", body: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """The resource at a path of an API; None if there is none, or if the API is off."""
        try:
            return self.ask(method, host, path, body, query)
        except CloudError as error:
            if error.status == 404 or error.is_off:
                return None
            raise

    def every(self, host: str, path: str, key: str, query: Query = None) -> Iterator[dict[str, Any]]:
        """Everything of a collection, page by page; nothing in a region that does not have it."""
        token = ""
        while True:
            try:
                page = self.find(host, path, {**(query or {}), **({"pageToken": token} if token else {})}) or {}
            except CloudError as error:
                if error.is_nowhere:
                    return
                raise
            yield from page.get(key, ())
            token = page.get("nextPageToken", "")
            if not token:
                return

    def _once(
        self, method: str, host: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, object]
    ) -> dict[str, Any]:
        import requests
        from google.auth.exceptions import GoogleAuthError, RefreshError

        url = f"{self.root.format(host=host)}/{path}"
        try:
            answer = self.session.request(method, url, json=body, params=query, timeout=ANSWER_S)
        except RefreshError as error:
            raise no_credentials() from error
        except (requests.RequestException, GoogleAuthError) as error:
            raise CloudError(503, f"{host} cannot be reached: {first_line(error)}.") from error
        if answer.status_code >= 400:
            raise explain(answer.status_code, answer.content, host=host, project=self.project, path=path)
        found = answer.json() if answer.content.strip() else {}
        return found if isinstance(found, dict) else {}

    def _ended(self, host: str, path: str, answer: dict[str, Any]) -> dict[str, Any]:
        """The result of an operation; anything else is the answer itself."""
        name, version = str(answer.get("name", "")), path.partition("/")[0]
        if "operations/" not in name:
            return answer
        deadline, looks = time.monotonic() + OPERATION_S, 0
        while not answer.get("done"):
            if time.monotonic() > deadline:
                raise OmloopError(f"{host} still works on it after {OPERATION_S / 60:.0f} minutes. Ask again later.")
            self.sleep(POLL_S[min(looks, len(POLL_S) - 1)])
            looks += 1
            answer = self._once("GET", host, f"{version}/{name}", None, {})
        if error := answer.get("error"):
            said = sentence(str(error.get("message", "it gives no reason")))
            raise CloudError(409, f"{host} could not do it: {said}")
        return dict(answer.get("response", {}))
