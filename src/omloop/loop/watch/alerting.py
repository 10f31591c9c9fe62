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
    """Judge the look at the moment `now`, and notify the receivers of alerts; gives the new alerts.

    A long watch reads `alerts` once with `alerts_of` and passes them in, so that editing the file does not end it.
    Raises ConfigError if the file is wrong, and StoreError if it cannot keep the state. It raises nothing if a sink
    fails.
    """
    alerts = alerts or alerts_of(name, workspace)
    with alerts_home(name, workspace) as home:
        return look(alerts, name, home, signals, now)


@contextlib.contextmanager
def alerts_home(name: str, workspace: Workspace) -> Iterator[Path]:
    """The folder with the state of the alerts, which machines with a common bucket use in turn.

    A job begins with an empty disk: without this folder each job would send every alert again. Two machines that look
    at the same moment may send the same alert twice. Raises StoreError.
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
    """The project's alert file, or None."""
    folder = project_folder(name, workspace.settings)
    places = (*([folder / FILE] if folder else []), Path(FILE))
    return next((path for path in places if path.is_file()), None)
