import pytest

from omloop.core import OmloopError
from omloop.deploy import lock
from omloop.deploy.lock import locked, requirements


def test_extras_bring_those_that_they_are_made_of() -> None:
    names = {line.split(">")[0].split("=")[0] for line in requirements(["torch"], "3.12")}
    assert {"numpy", "scikit-learn", "scipy", "lightning", "tokenizers"} <= names
    assert "torch" not in names


def test_what_windows_alone_leaves_out_is_in_an_image() -> None:
    assert any(line.startswith("uvloop") for line in requirements([], "3.12"))


def test_an_index_that_fails_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "requirements", lambda extras, python: ["no-such-package-of-omloop>=1"])
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(OmloopError, match="cannot be locked: .*no-such-package-of-omloop") as caught:
        locked((), "3.12")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_lock_has_a_hash_for_every_package_and_no_address_of_an_index() -> None:
    found = locked((), "3.11")
    assert "numpy==" in found
    assert found.count("==") <= found.count("--hash=sha256:")
    assert "index" not in found
    assert "://" not in found
