"""E-mail over a real SMTP conversation on loopback."""

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from email import message_from_string, policy
from typing import Any

import pytest

from omloop.alert import Alert
from omloop.alert.email import EmailSink
from omloop.core import OmloopError

StartPost = Callable[..., AbstractContextManager[Any]]
TO = ("ann@example.org", "bob@example.org")


def plain(port: int) -> EmailSink:
    return EmailSink("127.0.0.1", port, "omloop@example.org", TO, security="none")


def secured(port: int) -> EmailSink:
    return EmailSink("127.0.0.1", port, "omloop@example.org", TO, "starttls", "omloop", "MAIL_PASSWORD")


def test_a_message_says_what_happened_and_which_alert_it_is(post: StartPost, raised: Alert, resolved: Alert) -> None:
    with post() as server:
        plain(server.port).send(raised)
        plain(server.port).send(resolved)
    one, other = [message_from_string(text, policy=policy.default) for text in server.messages]
    assert one["Subject"] == "[omloop] rides: slow is raised (critical)"
    assert (one["From"], one["To"]) == ("omloop@example.org", "ann@example.org, bob@example.org")
    assert one["Message-ID"] == "<0123456789abcdef.raised@omloop.invalid>" != other["Message-ID"]
    assert one["Auto-Submitted"] == "auto-generated"
    assert "latency.p99_ms is 61.5, above 50" in one.get_content() and raised.id in one.get_content()
    assert server.commands.count("RCPT") == 4


def test_the_password_goes_out_only_after_starttls(
    post: StartPost, certificate: ssl.SSLContext, raised: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    with post(tls=certificate) as server:
        secured(server.port).send(raised)
    assert server.commands.index("STARTTLS") < server.commands.index("AUTH") < server.commands.index("DATA")
    assert server.passwords == ["s3cret"] and len(server.messages) == 1


def test_a_server_that_offers_no_starttls_is_told_nothing(post: StartPost, raised: Alert) -> None:
    with post() as server, pytest.raises(OmloopError, match="SMTPNotSupportedError"):
        replace(plain(server.port), security="starttls").send(raised)
    assert server.messages == [] and "MAIL" not in server.commands


def test_a_certificate_that_nobody_vouches_for_is_refused(
    post: StartPost, certificate: ssl.SSLContext, raised: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with post(tls=certificate) as server, pytest.raises(OmloopError, match="cannot be reached"):
        replace(plain(server.port), security="starttls").send(raised)
    assert server.messages == []


def test_a_server_that_refuses_is_told_without_what_it_says(
    post: StartPost, certificate: ssl.SSLContext, raised: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    refusing = post(tls=certificate, refuse={"AUTH": "535 's3cret' is wrong"})
    with refusing as server, pytest.raises(OmloopError, match=r"answered 535 \(SMTPAuthenticationError\)") as found:
        secured(server.port).send(raised)
    assert "s3cret" not in str(found.value) and "s3cret" not in repr(secured(0))
    with post(refuse={"RCPT": "550 nobody"}) as server, pytest.raises(OmloopError, match="SMTPRecipientsRefused"):
        plain(server.port).send(raised)
    with post(refuse={"DATA": "452 full"}) as server, pytest.raises(OmloopError, match="answered 452"):
        plain(server.port).send(raised)


def test_nobody_there_is_a_failure(raised: Alert, nobody: int) -> None:
    with pytest.raises(OmloopError, match=r"127\.0\.0\.1 cannot be reached: Connection refused|cannot be reached"):
        plain(nobody).send(raised)
