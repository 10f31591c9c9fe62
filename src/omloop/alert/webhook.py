"""Alerts as signed JSON by HTTP POST, with the `text` that Slack and those like it show."""

import hashlib
import hmac
import html
import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from omloop.alert.addresses import PrivateAddressError, public_opener
from omloop.alert.alert import Alert, as_json, in_words
from omloop.alert.section import Section, secret_in
from omloop.core import OmloopError

TIMEOUT_S = 10.0


@dataclass(frozen=True)
class WebhookSink:
    """Posts each alert to an address, which may stand in an environment variable, as a secret should.

    Any answer but 2xx is a failure, and so is a redirect: a message signed for one address must not go to another.
    `secret_variable` signs the request, see `signature`. Only with `private` may the address be one of this machine or
    its network.
    """

    url: str = field(default="", repr=False)
    url_variable: str = ""
    secret_variable: str = ""
    private: bool = False

    def send(self, alert: Alert) -> None:
        """Post it; raises OmloopError unless the receiver accepts it."""
        url = _checked(secret_in(self.url_variable) if self.url_variable else self.url)
        body = json.dumps({**as_json(alert), "text": html.escape(in_words(alert), quote=False)}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"{alert.id}-{alert.state}"}
        if self.secret_variable:
            moment = str(int(time.time()))
            headers["X-Omloop-Timestamp"] = moment
            headers["X-Omloop-Signature"] = signature(secret_in(self.secret_variable), moment, body)
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - http and https alone
        _post(request, private=self.private)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the header X-Omloop-Signature must be: HMAC-SHA256 over `v0:TIMESTAMP:BODY`, as Slack signs its own.

    A receiver computes it from the header X-Omloop-Timestamp (seconds since 1970) and the unchanged body. It compares
    with `hmac.compare_digest`, and refuses a message older than some minutes.

    >>> signature("secret", "1763690000", b"{}")[:19]
    'v0=c974da80b2d8be8a'
    """
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def webhook_sink(section: Section, home: Path) -> WebhookSink:
    """The sink that a section describes: `url` or `url_variable`, `secret_variable`, and `private_addresses`."""
    section.only("url", "url_variable", "secret_variable", "private_addresses")
    url, variable = section.text("url"), section.text("url_variable")
    if bool(url) == bool(variable):
        raise section.refusal("it needs either url, or url_variable with the name of an environment variable.")
    if url:
        try:
            _checked(url)
        except OmloopError as error:
            raise section.refusal(str(error), "url") from error
    private = section.choice("private_addresses", ("refuse", "allow"), "refuse") == "allow"
    return WebhookSink(url, variable, section.text("secret_variable"), private)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _checked(url: str) -> str:
    """The address, if it is one to post to; no error shows it, since those of chats are secrets."""
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        usable = False
    if not usable or not url.isascii() or any(letter.isspace() for letter in url):
        raise OmloopError("the address must be one of http:// or https://, without a password in it.")
    return url


def _post(request: urllib.request.Request, *, private: bool) -> None:
    opener = urllib.request.build_opener if private else public_opener
    try:
        with opener(_NoRedirects).open(request, timeout=TIMEOUT_S):
            return
    except PrivateAddressError as error:
        raise OmloopError(f"{request.host} is not asked: {error}") from None
    except urllib.error.HTTPError as error:
        error.close()
        hint = ", a redirect, which is not followed; give the final address" if 300 <= error.code < 400 else ""
        raise OmloopError(f"{request.host} answered {error.code}{hint}.") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        words = getattr(reason, "strerror", None) or type(reason).__name__
        raise OmloopError(f"{request.host} cannot be reached: {words}.") from None
