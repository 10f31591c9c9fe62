"""A key is known by its hash alone, and only as it was given out."""

import pytest

from omloop.core import ConfigError, UnknownNameError
from omloop.serve.access.keys import KeyTable, make_key, read_keys, without

NEW = make_key(["predict", "read"], "shop", "2026-11-30")


def test_a_key_is_found_and_what_is_nearly_one_is_not() -> None:
    table, key = KeyTable([NEW.key]), NEW.secret
    found = table.find(key)
    assert found is not None and (found.name, found.roles) == ("shop", {"predict", "read"})
    other = make_key(["admin"], "", "").secret
    for wrong in ("", key[:-1], key + "x", key.upper(), f" {key}", key[:17] + other[17:], other, "omk_", key[4:]):
        assert table.find(wrong) is None


def test_what_is_kept_and_shown_has_no_secret() -> None:
    secret = NEW.secret.split("_", 2)[2]
    assert secret not in NEW.key.line().decode() and secret not in repr(NEW)
    assert read_keys(NEW.key.line().decode(), "a file") == [NEW.key]
    assert str(ConfigError(f"the key {NEW.secret} is gone")) == "the key *** is gone"


@pytest.mark.parametrize(("line", "words"), [
    ("omk_0123_secret", "keys.jsonl, line 2: this is no key"),
    ('{"id": "a", "roles": ["king"], "sha256": ""}', "and not 'king'"),
    ('{"id": "a", "roles": [], "sha256": ""}', "and not nothing"),
    ('{"id": "a", "roles": ["read"], "sha256": "abc"}', "sha256 must be 64 hexadecimal digits"),
    ('{"id": "a", "roles": ["read"], "sha256": "", "secret": "x"}', "this is no key"),
])  # fmt: skip
def test_a_line_that_is_no_key_is_told_with_its_number(line: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as found:
        read_keys(f"{NEW.key.line().decode()}{line}\n", "keys.jsonl")
    assert "secret" not in str(found.value)


def test_keys_are_made_for_known_roles_and_revoked_by_id_or_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'predict'"):
        make_key(["predct"], "", "")
    for roles, name in (([], ""), (["read"], "a\nb")):
        with pytest.raises(ConfigError):
            make_key(roles, name, "")
    assert without([NEW.key], NEW.key.id) == without([NEW.key], "shop") == []
    for unknown in ("shop 2", ""):
        with pytest.raises(UnknownNameError, match="omloop key list"):
            without([make_key(["read"], "", "").key], unknown)
