"""The code of an earlier run in its own folder: the commit with its uncommitted changes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omloop.core import OmloopError, SourceError

TIMEOUT_S = 120.0


@contextmanager
def code_of(root: Path, commit: str, patch: bytes, folder: Path) -> Iterator[Path]:
    """A worktree of the checkout at `root` in `folder`, with the patch applied; the end of the block removes it.

    Raises SourceError for an unknown commit, and for a patch that does not apply, such as one with a secret taken out.
    """
    _git(root, "worktree", "add", "--detach", "--force", str(folder), commit)
    try:
        if b"\ndiff --git " in b"\n" + patch:
            _git(folder, "apply", "--whitespace=nowarn", "-", given=patch)
        yield folder
    finally:
        subprocess.run(
            ["git", "worktree", "remove", "--force", str(folder)], cwd=root, capture_output=True, check=False
        )


def checkout_of(folder: Path) -> Path | None:
    """The root of the git checkout that holds a folder; None outside one."""
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    except OmloopError:
        return None


def _git(folder: Path, *words: str, given: bytes | None = None) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, input=given, capture_output=True, check=True, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        reason = " ".join(said.decode("utf-8", "replace").split())[:300]
        raise SourceError(f"git {words[0]} failed in {folder}: {reason}") from error
    return done.stdout.decode("utf-8", "surrogateescape")
