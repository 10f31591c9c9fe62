"""Generated files in a folder of a person's: written, brought up to date, and never taken from who changed them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from omloop.core import OmloopError, as_store_error, write_whole

RECORD = "deploy/.omloop.json"
"""The written files, by target and path: the SHA-256 of each text. Commit it to the repository."""

State = Literal["new", "same", "updated", "changed by hand", "removed"]


@dataclass(frozen=True)
class GeneratedFile:
    """The result, or the planned result, for one file; `path` is relative to the folder.

    A file "changed by hand" differs from its last generated text; omloop leaves it alone.
    """

    path: str
    state: State


def compare_files(target: str, texts: Mapping[str, str], folder: Path, *, force: bool = False) -> list[GeneratedFile]:
    """What `write_files` would do, sorted by path; it writes nothing."""
    known = _record(folder).get(target, {})
    found = [GeneratedFile(path, _state(folder / path, text, known.get(path), force)) for path, text in texts.items()]
    gone = [path for path, digest in known.items() if path not in texts and _digest_at(folder / path) == digest]
    return sorted([*found, *(GeneratedFile(path, "removed") for path in gone)], key=lambda one: one.path)


def write_files(target: str, texts: Mapping[str, str], folder: Path, *, force: bool = False) -> list[GeneratedFile]:
    """Write the texts of a target by their paths, scripts as such, and report the result of each.

    It overwrites a file if nobody changed it since it was last written, or with `force`. It removes a file that is no
    longer among the texts, if nobody changed it. Raises StoreError if writing fails.
    """
    done = compare_files(target, texts, folder, force=force)
    known = _record(folder).get(target, {})
    kept = {}
    for one in done:
        path = folder / one.path
        if one.state in ("new", "updated"):
            write_whole(path, texts[one.path].encode())
            if texts[one.path].startswith("#!"):
                with as_store_error("write", path):
                    path.chmod(path.stat().st_mode | 0o111)
        elif one.state == "removed":
            with as_store_error("remove", path):
                path.unlink()
            continue
        if digest := known.get(one.path) if one.state == "changed by hand" else _digest(texts[one.path]):
            kept[one.path] = digest
    _keep(folder, target, kept)
    return done


def _state(path: Path, text: str, known: str | None, force: bool) -> State:
    here = _digest_at(path)
    if here is None:
        return "new"
    if here == _digest(text):
        return "same"
    return "updated" if force or here == known else "changed by hand"


def _digest_at(path: Path) -> str | None:
    with as_store_error("read", path):
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() if path.is_file() else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _record(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / RECORD
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_bytes())
        return {target: {str(path): str(one) for path, one in files.items()} for target, files in found.items()}
    except (ValueError, AttributeError) as error:
        told = f"{path} is not what `omloop deploy` writes. Remove it: every file that differs then counts as changed."
        raise OmloopError(told) from error


def _keep(folder: Path, target: str, files: Mapping[str, str]) -> None:
    record = _record(folder)
    new = {**record, target: dict(sorted(files.items()))}
    if new != record:
        write_whole(folder / RECORD, (json.dumps(dict(sorted(new.items())), indent=2) + "\n").encode())
