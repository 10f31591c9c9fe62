"""Which files of a folder count: those that git tracks; without git, those that no tool made."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from omloop.audit.git import Checkout, checkout_of

MOST_FILES = 50_000
SKIPPED = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "site-packages", "dist-packages", "__pycache__", ".tox",
    ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".hypothesis", ".omloop",
    ".cache", "wandb", "mlruns", "lightning_logs", ".hydra",
})  # fmt: skip
"""Folders that environments, tools and trainings make."""
_RUN = re.compile(r"(?:^|/)(?:outputs|multirun)/\d{4}-\d\d-\d\d/")
"""Where Hydra keeps the record of a run, by its date."""


@dataclass(frozen=True)
class Listing:
    """Paths below a folder, sorted; `tracked` is how many git tracks, and `left_out` how many were too many."""

    folder: Path
    checkout: Checkout
    paths: tuple[str, ...]
    tracked: int
    left_out: int = 0


def list_files(folder: Path) -> Listing:
    """List the regular files that count, without following links."""
    checkout = checkout_of(folder)
    tracked = checkout.tracked()
    named = tracked or checkout.untracked()
    paths = sorted(set(_counting(folder, _walk(folder) if named is None else named)))  # a conflict is listed thrice
    return Listing(folder, checkout, tuple(paths[:MOST_FILES]), len(tracked), max(0, len(paths) - MOST_FILES))


def _counting(folder: Path, names: Iterable[str]) -> Iterator[str]:
    names = list(names)
    environments = tuple(f"{PurePosixPath(one).parent}/" for one in names if one.endswith("/pyvenv.cfg"))
    for name in names:
        parts = name.split("/")
        made = not SKIPPED.isdisjoint(parts[:-1]) or name.startswith(environments or ("\0",)) or _RUN.search(name)
        if not made and not _through_link(folder, parts):
            yield name


def _through_link(folder: Path, parts: list[str]) -> bool:
    """Whether the path is a link, no regular file, or absent. Git lists nothing behind a link to a folder."""
    try:
        entry = folder.joinpath(*parts)
        return entry.is_symlink() or not entry.is_file()
    except OSError:
        return True


def _walk(folder: Path) -> Iterator[str]:
    """Names below the folder, without git's help."""
    for here, folders, files in os.walk(folder, followlinks=False):
        folders[:] = [one for one in folders if one not in SKIPPED]
        base = Path(here).relative_to(folder)
        yield from ((base / name).as_posix() for name in files)
