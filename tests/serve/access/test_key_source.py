"""Keys come from a file or a variable, and change while a server runs."""

import logging
from pathlib import Path

import pytest

from omloop.core import ConfigError, SettingError
from omloop.serve.access.key_source import KeyRing, KeySource, write_keys
from omloop.serve.access.keys import make_key

ONE, TWO = make_key(["read"], "one", ""), make_key(["read"], "two", "")


def ring_of(path: Path) -> KeyRing:
    ring = KeyRing(KeySource(path))
    ring.load()
    return ring


def test_keys_are_rotated_while_the_server_runs(tmp_path: Path) -> None:
    ring = ring_of(path := tmp_path / "keys.jsonl")
    assert ring.table is None  # nobody is asked
    for kept in ([ONE.key], [ONE.key, TWO.key], [TWO.key], []):
        write_keys(path, kept)
        ring.refresh()
        assert [ring.find(one.secret) is not None for one in (ONE, TWO)] == [ONE.key in kept, TWO.key in kept]
    assert ring.table is not None  # without any key, nobody may ask


@pytest.mark.parametrize("harm", ["gone", "broken"])
def test_a_file_that_goes_or_breaks_leaves_the_keys_of_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    write_keys(path := tmp_path / "keys.jsonl", [ONE.key])
    ring = ring_of(path)
    path.unlink() if harm == "gone" else path.write_text("not a key")
    for _ in range(3):
        ring.refresh()
    assert ring.find(ONE.secret) is not None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    write_keys(path, [TWO.key])
    ring.refresh()
    assert ring.find(TWO.secret) is not None and ring.find(ONE.secret) is None


def test_a_variable_holds_keys_too(monkeypatch: pytest.MonkeyPatch) -> None:
    source = KeySource.of("env:SERVER_KEYS", Path())
    assert source is not None
    with pytest.raises(ConfigError, match="SERVER_KEYS, which 'keys' names, is not set"):
        source.read()
    monkeypatch.setenv("SERVER_KEYS", (ONE.key.line() + TWO.key.line()).decode())
    assert source.read() == [ONE.key, TWO.key]
    with pytest.raises(ConfigError, match="where it is set"), source.changed():
        pass
    with pytest.raises(SettingError, match="'keys' must be env: and the name of a variable"):
        KeySource.of("env:a b", Path())


def test_a_file_that_a_setting_names_must_be_there(tmp_path: Path) -> None:
    source = KeySource.of(str(tmp_path / "none"), tmp_path)
    assert source is not None
    with pytest.raises(ConfigError, match="there is no file .*none, which 'keys' names. Make one"):
        KeyRing(source).load()
    with source.changed() as keys:
        keys.append(ONE.key)
    assert source.read() == [ONE.key]
