"""A project that leaves omloop: its champion as a folder of plain files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import OmloopError, as_store_error, explain_missing, write_whole
from omloop.loop.project.discover import project_name

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

RECORD = "model/ejected.json"
"""What was written: the SHA-256 of each file by its path. A folder with it may be written again."""


@dataclass(frozen=True)
class Ejected:
    """The result of an eject: the version, the folder, and the paths there of the code's and the data's files.

    `same_model` and `left_out` are those of `omloop.deploy.EjectedProject`.
    """

    version: str
    folder: Path
    code: tuple[str, ...]
    data: tuple[str, ...]
    same_model: bool
    left_out: tuple[str, ...]


def eject_project(given: str, workspace: Workspace, into: Path | None = None) -> Ejected:
    """Write a project's champion as a plain project into a folder, by default one called NAME-service.

    The folder must be new or empty, or come from an earlier eject without changes since. Otherwise raises OmloopError,
    as without a champion and for an unsupported kind of input.
    """
    name = project_name(given, workspace)
    folder = Path(f"{name}-service") if into is None else into
    _require_ours(folder)
    registry = workspace.registry(name)
    bundle = registry.load(registry.require_champion())
    with explain_missing("Ejecting a project"):
        from omloop.deploy.eject import eject

        made = eject(bundle)
    files = {**{path: text.encode() for path, text in made.code.items()}, **made.data}
    for path, content in files.items():
        write_whole(folder / path, content)
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())}
    write_whole(folder / RECORD, (json.dumps(digests, indent=2) + "\n").encode())
    return Ejected(bundle.version, folder, tuple(sorted(made.code)), tuple(made.data), made.same_model, made.left_out)


def _require_ours(folder: Path) -> None:
    """Raise OmloopError if an eject would overwrite files that it did not write, or that changed since."""
    with as_store_error("read", folder):
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
        if not (folder / RECORD).is_file():
            raise OmloopError(
                f"'{folder}' is not empty, and what it holds was not ejected. Give a new folder: --into FOLDER"
            )
        try:
            known = {str(path): str(digest) for path, digest in json.loads((folder / RECORD).read_bytes()).items()}
        except (ValueError, AttributeError) as error:
            raise OmloopError(f"{folder / RECORD} is not what `omloop eject` wrote. Give a new folder.") from error
        changed = [path for path, digest in known.items() if _digest(folder / path) not in ("", digest)]
    if changed:
        raise OmloopError(
            f"'{folder}' was changed by hand since it was ejected: {', '.join(sorted(changed))}. "
            "Eject into a new folder and merge the two: --into FOLDER"
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
