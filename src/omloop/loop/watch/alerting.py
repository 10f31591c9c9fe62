"""Alerts of a project: where its file and its state are, and one look of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.alert import STATE, Alert, Alerts, Signals, default_alerts, exclusive, look, read_alerts
from omloop.core import write_whole
from omloop.loop.project.discover import project_folder
from omloop.loop.records.beside import BesideVersions
from omloop.loop.watch.signals import known_signals

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

FILE = "alerts.yaml"


def raise_alerts(
    name: str, signals: Signals, workspace: Workspace, now: float, *, alerts: Alerts | None = None
) -> tuple[Alert, ...]:
    """Judge what was seen at the moment `now` and tell whom it concerns; gives what is newly told.

    A watch that goes on for long reads `alerts` once with `alerts_of` and hands them over, so that a file which is
    being edited does not end it. Raises ConfigError when the file is wrong, StoreError when the state cannot be kept,
    and nothing for what a sink does.
    """
    alerts = alerts or alerts_of(name, workspace)
    with alerts_home(name, workspace) as home:
        return look(alerts, name, home, signals, now)


@contextlib.contextmanager
def alerts_home(name: str, workspace: Workspace) -> Iterator[Path]:
    """The folder of what is remembered of the alerts, which machines with a common bucket have in turn.

    A job begins with an empty disk: without this each would tell anew what rings. Two machines that look at the same
    moment may tell the same thing twice. Raises StoreError.
    """
    home = workspace.alerts(name)
    if not workspace.is_shared:
        yield home
        return
    path, shared = home / STATE, BesideVersions(workspace, name, "alerts.json")
    with exclusive(home / "shared"):
        before = shared.read()
        if before is not None:
            write_whole(path, before)
        try:
            yield home
        finally:
            after = path.read_bytes() if path.exists() else None
            if after is not None and after != before:
                shared.replace(after)


def alerts_of(name: str, workspace: Workspace) -> Alerts:
    """The rules and sinks of the project's alerts.yaml, else of the one in the current folder, else the defaults.

    Raises ConfigError that names the line that is wrong.
    """
    path, home = alerts_file(name, workspace), workspace.alerts(name)
    return default_alerts(home) if path is None else read_alerts(path, known_signals(name, workspace), home)


def alerts_file(name: str, workspace: Workspace) -> Path | None:
    """The file that counts for the project, None where there is none."""
    folder = project_folder(name, workspace.settings)
    places = (*([folder / FILE] if folder else []), Path(FILE))
    return next((path for path in places if path.is_file()), None)
