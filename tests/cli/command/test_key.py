"""`omloop key` makes, lists and revokes keys, and shows a secret once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.loop import Workspace
from omloop.serve.access.keys import KeyTable, read_keys

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(workspace: Workspace) -> Path:
    return workspace.root / "keys.jsonl"


def test_a_key_is_made_listed_and_revoked(omloop: Say, file: Path) -> None:
    code, out, _ = omloop("key", "new", "--role", "predict", "--role", "read", "--name", "shop")
    key, kept = out.split("\n")[0], file.read_text()
    assert code == 0 and KeyTable(read_keys(kept, "")).find(key) is not None
    assert key.split("_", 2)[2] not in kept
    code, out, _ = omloop("key", "list", "--json")
    assert [(one["name"], one["roles"]) for one in json.loads(out)] == [("shop", ["predict", "read"])]
    assert omloop("key", "revoke", "shop")[0] == 0
    code, out, _ = omloop("key", "list")
    assert f"There is no key in {file}" in out.replace("\n", "")
    assert file.read_text() == ""  # a server that has no key answers nobody


def test_where_a_variable_holds_the_keys_its_new_line_is_printed(omloop: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMLOOP_KEYS", "env:SERVER_KEYS")
    told = json.loads(omloop("key", "new", "--role", "feedback", "--json")[1])
    monkeypatch.setenv("SERVER_KEYS", told["line"])
    assert "feedback" in omloop("key", "list")[1]
    code, _, err = omloop("key", "revoke", told["id"])
    assert code != 0 and "change them where it is set" in err


@pytest.mark.parametrize(("words", "told"), [
    (("new",), "A key needs a role"), (("new", "--role", "king"), "invalid choice: 'king'"),
    (("revoke",), "Which key"), (("revoke", "x"), "No key is called 'x'"), (("mend",), "invalid choice: 'mend'"),
    (("new", "--role", "read", "--name", "a\tb"), "A key's name has at most 64"),
])  # fmt: skip
def test_what_cannot_be_done_is_told_in_a_line(omloop: Say, words: tuple[str, ...], told: str) -> None:
    code, _, err = omloop("key", *words)
    assert code != 0 and told in err and err.count("\n") == 1


def test_a_server_does_not_start_with_keys_or_settings_that_cannot_be_used(
    omloop: Say, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("secret\n")
    code, _, err = omloop("serve", "tiny")
    assert code != 0 and "line 1: this is no key" in err
    for variable, value, told in (
        ("OMLOOP_KEYS", "nowhere.jsonl", "there is no file nowhere.jsonl, which 'keys' names"),
        ("OMLOOP_HOSTS", "https://a", "'hosts' must be"),
        ("OMLOOP_OIDC_ISSUER", "https://a.example", "'oidc_audience' must be"),
    ):
        monkeypatch.setenv("OMLOOP_KEYS", "env:HOME" if variable != "OMLOOP_KEYS" else value)
        monkeypatch.setenv("HOME", "")
        with monkeypatch.context() as only:
            only.setenv(variable, value)
            code, _, err = omloop("serve", "tiny")
        assert code != 0 and told in err, err
