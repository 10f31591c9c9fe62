"""`omloop ui`: what it takes, and what it refuses before anything is shown."""

import socket
from collections.abc import Callable

import pytest

from omloop.core import SettingError
from omloop.loop.steer.page import server_addresses

Say = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    "given", ["imdb", "imdb=8000", "=http://imdb:8000", "imdb=ftp://imdb", "imdb=http://", "imdb=http://["]
)
def test_a_server_needs_a_name_and_an_address(omloop: Say, given: str) -> None:
    code, _, err = omloop("ui", "--server", given)
    assert code == 1 and given in err and "NAME=URL" in err


def test_servers_are_given_by_name_and_blanks_do_not_count() -> None:
    assert server_addresses(" a = http://a:1/ ,, b=https://b ") == {"a": "http://a:1", "b": "https://b"}
    with pytest.raises(SettingError):
        server_addresses("a http://a")


def test_a_port_that_is_taken_is_told(omloop: Say) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = omloop("ui", "--port", port)
    assert code == 1 and str(port) in err


@pytest.mark.parametrize("given", ["tools.example", "https://", "http://[", "http://tools.example:x"])
def test_another_machine_is_named_by_an_address(omloop: Say, given: str) -> None:
    code, _, err = omloop("ui", "--port", 0, "--remote", given)
    assert code == 1 and given in err and "https://tools.example" in err
