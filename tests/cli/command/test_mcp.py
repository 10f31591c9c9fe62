"""`omloop mcp` where the protocol's SDK is not installed."""

import sys
from collections.abc import Callable

import pytest

from omloop.core import install_command


def test_without_its_library_it_says_what_to_install(
    omloop: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.delitem(sys.modules, "omloop.cli.mcp.server", raising=False)
    code, out, err = omloop("mcp")
    assert (code, out, err.count("\n")) == (1, "", 1) and install_command("mcp") in err
