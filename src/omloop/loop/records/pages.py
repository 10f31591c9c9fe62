"""A workspace's pages of measurements: `pages/PROJECT/KIND-TIME.html`, each beside a record in JSON."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from omloop.core import StoreError, write_whole

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

KEPT = 20
"""How many of the newest pages of each kind to keep."""
PROFILES = {"train": "a training", "predict": "a prediction", "serve": "a server"}
_NAME = re.compile(r"[a-z]+-[0-9]{8}-[0-9]{6}(-[0-9]+)?")
_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY  # a number that JSON has not is null
_log = logging.getLogger("omloop.pages")


@dataclass(frozen=True)
class KeptPage:
    """A page in a file: its `name` in addresses, its title, its kind, its time, and its `record`, if it has one."""

    name: str
    title: str
    kind: str
    made: float
    path: Path
    record: Mapping[str, Any] = field(default_factory=dict)


def keep_page(
    project: str, workspace: Workspace, kind: str, page: str, *, title: str, record: Mapping[str, object]
) -> Path | None:
    """Keep a page, and the same as a `record` of JSON values; it removes the oldest of many of its `kind`.

    The measurement stands even if keeping it fails: then it warns and gives None.
    """
    made = workspace.clock()
    folder = workspace.pages(project)
    path = _free(folder, f"{kind}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(made))}")
    about = {"kind": kind, "title": title, "made": made, "record": record}
    try:
        write_whole(path, page.encode())
        write_whole(path.with_suffix(".json"), orjson.dumps(about, default=str, option=_OPTIONS))
        _forget(folder, kind)
    except (StoreError, OSError) as error:
        _log.warning("the page about it was not kept: %s", error)
        return None
    return path


def kept_pages(project: str, workspace: Workspace) -> Iterator[KeptPage]:
    """Every page in a file: of measurements, of profiles, and the verdict of the watch."""
    for path in workspace.pages(project).glob("*.html"):
        about = _about(path) if _NAME.fullmatch(path.stem) else None
        if about is not None:
            yield KeptPage(
                path.name, about["title"], about["kind"], float(about["made"]), path, about.get("record", {})
            )
    for what, whose in PROFILES.items():
        path = workspace.root / "profiles" / f"{project}-{what}.html"
        yield from _of_file(path, f"profile-{what}", f"Where the time of {whose} went")
    yield from _of_file(workspace.watch(project) / "verdict.html", "verdict", "What the watch saw when it last rang")


def _of_file(path: Path, name: str, title: str) -> Iterator[KeptPage]:
    """The page at a place that each newer one takes, if there is one."""
    try:
        made = path.stat().st_mtime
    except OSError:
        return
    yield KeptPage(f"{name}.html", title, name.partition("-")[0], made, path)


def _about(page: Path) -> dict[str, Any] | None:
    """What the record beside a page says of it; None where it is not whole."""
    try:
        found = orjson.loads(page.with_suffix(".json").read_bytes())
        whole = isinstance(found["title"], str) and isinstance(found["kind"], str) and found["made"] > 0
        return found if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _free(folder: Path, stem: str) -> Path:
    """A free name: two measurements may end in one second."""
    tries = (folder / f"{stem}{f'-{again}' if again else ''}.html" for again in range(1_000))
    return next((path for path in tries if not path.exists()), folder / f"{stem}.html")


def _forget(folder: Path, kind: str) -> None:
    known = sorted(path for path in folder.glob(f"{kind}-*.html") if _NAME.fullmatch(path.stem))
    for path in known[:-KEPT]:
        path.with_suffix(".json").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
