"""What is missing is installed into this very installation."""

import importlib.metadata
import json
import shutil
import sys
from pathlib import Path

import pytest

from omloop.core import install_command


class Record:
    """What pip wrote down of an installation."""

    def __init__(self, **record: object) -> None:
        self.record = record

    def read_text(self, name: str) -> str | None:
        return json.dumps(self.record) if self.record else None


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(shutil, "which", lambda name: str(Path(sys.executable).parent / name))
    return monkeypatch


def test_from_a_wheel_the_package_is_named(installed: pytest.MonkeyPatch) -> None:
    installed.setattr(importlib.metadata, "distribution", lambda name: Record())
    assert install_command("torch") == "pip install 'omloop[torch]'"


def test_in_a_clone_the_clone_is_named(installed: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clone = tmp_path / "my clone"
    clone.mkdir()
    record = Record(url=clone.as_uri(), dir_info={"editable": True})
    installed.setattr(importlib.metadata, "distribution", lambda name: record)
    assert install_command("watch") == f"pip install -e '{clone}[watch]'"
    installed.chdir(clone)
    assert install_command("watch") == "pip install -e '.[watch]'"


def test_another_pythons_pip_is_not_taken(installed: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed.setattr(importlib.metadata, "distribution", lambda name: Record())
    for other in (None, str(tmp_path / "pip")):
        installed.setattr(shutil, "which", lambda name, other=other: other)
        assert install_command("load") == f"{sys.executable} -m pip install 'omloop[load]'"
