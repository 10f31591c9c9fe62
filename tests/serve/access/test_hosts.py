"""A server knows its names, and which page asks."""

import pytest

from omloop.core import SettingError
from omloop.serve.access.hosts import Hosts, host_names, is_of_another_page


def test_addresses_and_localhost_are_known_and_other_names_only_if_listed() -> None:
    hosts = Hosts(host_names("api.example.com, *.internal"))
    for known in ("127.0.0.1:8000", "[::1]:8000", "10.0.0.3", "localhost", "API.example.com:443", "a.b.internal"):
        assert hosts.know(known.encode()) and hosts.know(known.encode())
    for other in ("", "evil.example", "api.example.com.evil.example", "internal", "xinternal", "a b", "a:b", "[::1"):
        assert not hosts.know(other.encode())
    assert Hosts().know(b"evil.example") and not Hosts() and hosts


@pytest.mark.parametrize("setting", ["https://a.example", "a.example:80", "A.example", "a*.example"])
def test_a_setting_that_is_no_name_is_refused(setting: str) -> None:
    with pytest.raises(SettingError, match="'hosts' must be"):
        host_names(setting)


@pytest.mark.parametrize(("origin", "site", "other"), [
    ("", "", False), ("", "same-origin", False), ("", "none", False), ("", "cross-site", True),
    ("https://a.example", "", False), ("https://A.example:443", "", False), ("https://b.example", "", True),
    ("https://a.example", "same-site", True), ("https://b.example", "same-origin", False), ("null", "", True),
    ("http://[broken", "", True),
])  # fmt: skip
def test_a_page_of_another_origin_is_told_by_what_no_page_can_set(origin: str, site: str, other: bool) -> None:
    assert is_of_another_page(origin.encode(), site.encode(), b"a.example") is other
