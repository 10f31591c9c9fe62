"""The settings of a server become its guard."""

from pathlib import Path

import pytest

from omloop import api
from omloop.core import Settings
from omloop.loop.serving.guarding import guard_of
from omloop.loop.serving.keys import list_keys, new_key, revoke_key
from omloop.loop.workspace import Workspace
from omloop.serve.settings import OidcSettings, ServeSettings


def knows(host: bytes, settings: ServeSettings, root: Path) -> bool:
    return guard_of(Settings().having(settings), root).lets_predict([(b"host", host)], "127.0.0.1")


@pytest.mark.parametrize(("settings", "host", "known"), [
    (ServeSettings(), b"evil.example:8000", False), (ServeSettings(), b"localhost:8000", True),
    (ServeSettings(host="10.0.0.1"), b"evil.example", True),
    (ServeSettings(host="10.0.0.1", hosts="a.example"), b"evil.example", False),
    (ServeSettings(hosts="*"), b"evil.example", True),
])  # fmt: skip
def test_on_loopback_a_server_knows_itself_alone(
    tmp_path: Path, settings: ServeSettings, host: bytes, known: bool
) -> None:
    assert knows(host, settings, tmp_path) is known


def test_a_key_in_the_workspace_is_asked_for_but_not_where_we_try_things(tmp_path: Path) -> None:
    workspace = Workspace(Settings(workspace=str(tmp_path)))
    assert not guard_of(workspace.settings, workspace.root).asks
    made = new_key(workspace, ["read"], "a")
    assert guard_of(workspace.settings, workspace.root).asks
    with workspace.apart("load") as apart:
        assert not guard_of(apart.settings, apart.root).asks
    assert list(list_keys(workspace).keys) == [made.key]
    revoke_key(workspace, made.key.id)
    assert not list_keys(workspace).keys and guard_of(workspace.settings, workspace.root).asks


def test_tokens_are_taken_where_an_issuer_is_set_and_keys_are_not_none(tmp_path: Path) -> None:
    pytest.importorskip("jwt")
    settings = Settings().having(OidcSettings(issuer="https://a.example", audience="omloop"))
    assert guard_of(settings, tmp_path).asks
    assert not guard_of(settings.having(ServeSettings(keys="none")), tmp_path).asks


def test_python_makes_and_revokes_keys_too(tmp_path: Path) -> None:
    ws = api.Workspace(tmp_path)
    made = ws.key("predict", name="shop")
    assert [one.name for one in ws.api_keys()] == ["shop"] and made.secret.startswith("omk_")
    ws.revoke_key("shop")
    assert list(ws.api_keys()) == []
