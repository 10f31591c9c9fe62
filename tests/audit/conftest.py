"""Repositories that tests write, and what an audit says of an item."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from omloop.audit import AuditResult, Evidence, audit

Make = Callable[..., Path]
Look = Callable[..., Evidence]


def write(folder: Path, files: Mapping[str, str | bytes], *, git: bool = False) -> Path:
    """Write files, and track them by git where asked."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    if git:
        subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
        subprocess.run(["git", "add", "-A", "."], cwd=folder, check=True)
    return folder


def evidence(result: AuditResult, item: str) -> Evidence:
    """What was found of an item."""
    return next(one.evidence for one in result.items if one.item.name == item)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """What an audit of some files says of one item."""

    def looking(item: str, files: Mapping[str, str | bytes], *, git: bool = False) -> Evidence:
        return evidence(audit(write(tmp_path, files, git=git)), item)

    return looking
