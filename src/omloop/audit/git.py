"""What git knows of a folder: its files, the paths that it ignores, and the remotes that have it.

The module asks git itself, since git has many rules for ignored paths and no library of the base install knows them.
Its calls run nothing of the repository: no monitor of the file system, no hooks, no fetching.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 30.0
_SETTINGS = ("core.fsmonitor=false", "core.quotepath=off")
_SETTINGS_OF_USERS = (f"core.excludesFile={os.devnull}", f"core.hooksPath={os.devnull}")
_SAFE = ("--no-optional-locks", *(word for one in (*_SETTINGS, *_SETTINGS_OF_USERS) for word in ("-c", one)))


@dataclass(frozen=True)
class Checkout:
    """A folder as git sees it; `top` is the checkout that holds it, None outside one. `usable` is whether git ran."""

    folder: Path
    top: Path | None
    usable: bool

    def tracked(self) -> list[str]:
        """The tracked files below the folder, relative to it; none outside a checkout."""
        return _names(_git(self.folder, "ls-files", "-z")) if self.top else []

    def untracked(self) -> list[str] | None:
        """All files that .gitignore leaves, whether tracked or not; None without git."""
        return self._apart("ls-files", "-z", "--others", "--exclude-standard") if self.usable else None

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Those of the paths, which need not exist, that git would ignore; none without git."""
        given = "\0".join(paths)
        if not given or not self.usable:
            return set()
        words = ("check-ignore", "-z", "--stdin", "--no-index")
        if self.top:
            return set(_names(_git(self.folder, *words, given=given)))
        return set(self._apart(*words, given=given))

    def remotes(self) -> list[str]:
        """Addresses of the remotes."""
        told = _git(self.folder, "config", "--local", "--get-regexp", r"^remote\..*\.url$") if self.top else None
        return [line.partition(" ")[2] for line in (told or "").splitlines()]

    def is_pushed(self) -> bool:
        """Whether some remote branch held the current commit at the last fetch or push."""
        words = ("for-each-ref", "--count=1", "--contains", "HEAD", "refs/remotes")
        return bool(self.top and _git(self.folder, *words))

    def _apart(self, *words: str, given: str = "") -> list[str]:
        """Ask with an empty repository in place of the folder's own, if it has one."""
        with tempfile.TemporaryDirectory(prefix="omloop-audit-") as empty:
            if _git(Path(empty), "init", "--quiet", "--bare", "--template=", ".") is None:
                return []
            apart = (f"--git-dir={empty}", f"--work-tree={self.folder}")
            return _names(_git(self.folder, *apart, *words, given=given))


def checkout_of(folder: Path) -> Checkout:
    """The folder as git sees it."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    usable = top is not None or _git(folder, "--version") is not None
    return Checkout(folder, Path(top.strip()) if top and top.strip() else None, usable)


def _names(told: str | None) -> list[str]:
    return [name for name in (told or "").split("\0") if name]


def _git(folder: Path, *words: str, given: str = "") -> str | None:
    """The answer of git; None where git fails, takes too long or is absent. An empty answer is an empty text."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ = {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_CONFIG_NOSYSTEM": "1"}
    command: Sequence[str] = ["git", *_SAFE, *words]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            input=given.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            env=environ,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode not in (0, 1) or (done.returncode == 1 and "check-ignore" not in words):
        return None
    return done.stdout.decode("utf-8", "surrogateescape")
