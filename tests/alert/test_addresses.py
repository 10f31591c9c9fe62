"""A webhook is not led to this machine or its network, whatever a name says now or a moment later."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from omloop.alert import Alert, addresses
from omloop.alert.addresses import is_public
from omloop.alert.section import Section
from omloop.alert.webhook import WebhookSink, webhook_sink
from omloop.core import OmloopError

StartHook = Callable[..., AbstractContextManager[Any]]
PRIVATE = (
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b::a9fe:a9fe",
)  # fmt: skip


def test_addresses_are_told_apart() -> None:
    assert [one for one in PRIVATE if is_public(one)] == []
    assert all(is_public(one) for one in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_a_webhook_to_this_machine_is_refused_unless_allowed(hook: StartHook, raised: Alert, host: str) -> None:
    with hook(200) as server:
        url = server.url.replace("127.0.0.1", host)
        with pytest.raises(OmloopError, match="is not asked: its address, .* private_addresses: allow"):
            WebhookSink(url).send(raised)
        assert server.received == []
        WebhookSink(server.url, private=True).send(raised)
        assert len(server.received) == 1


@pytest.mark.parametrize(("given", "private"), [({}, False), ({"private_addresses": "allow"}, True)])
def test_a_file_says_that_a_private_address_is_meant(given: dict[str, str], private: bool) -> None:
    section = Section("'chat'", "alerts.yaml", 1, {"url": "http://10.0.0.1/", **given})
    assert webhook_sink(section, Path()) == WebhookSink("http://10.0.0.1/", private=private)
    with pytest.raises(OmloopError, match="must be refuse or allow"):
        webhook_sink(Section("'chat'", "a", 1, {"url": "http://a", "private_addresses": "yes"}), Path())


def test_a_name_is_resolved_once_and_what_was_judged_is_connected_to(
    hook: StartHook, raised: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that says something harmless first and this machine afterwards leads nowhere."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        place = ("203.0.113.7" if len(asked) == 1 else "127.0.0.1", port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place)]

    reached: list[str] = []

    def connect(place: tuple[str, int], *_: Any) -> socket.socket:
        reached.append(place[0])
        raise ConnectionRefusedError("nobody")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(addresses.socket, "create_connection", connect)
    monkeypatch.setattr(addresses, "is_public", lambda address: not address.startswith("127."))
    with pytest.raises(OmloopError, match="cannot be reached"):
        WebhookSink("http://rebinding.example/").send(raised)
    assert (asked, reached) == (["rebinding.example"], ["203.0.113.7"])
    with pytest.raises(OmloopError, match="is not asked"):
        WebhookSink("https://rebinding.example/").send(raised)
    assert reached == ["203.0.113.7"]


def test_behind_a_proxy_only_the_address_that_is_written_out_is_judged(
    hook: StartHook, raised: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hook(200) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        WebhookSink("http://chat.example/hook").send(raised)
        assert len(proxy.received) == 1
        for host in ("10.0.0.1", "localhost", "[::1]"):
            with pytest.raises(OmloopError, match="is not asked"):
                WebhookSink(f"http://{host}/hook").send(raised)
    assert len(proxy.received) == 1
