"""Alerts of a project: where its file and its state are, and one look of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omloop.alert import Alert, Alerts, Signals, default_alerts, look, read_alerts
from omloop.loop.project.discover import project_folder
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
    return look(alerts or alerts_of(name, workspace), name, workspace.alerts(name), signals, now)


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
