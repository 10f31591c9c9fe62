"""Runs that mirrors missed, sent to them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from omloop.core import OmloopError, SettingError
from omloop.loop.runs.runs import find_run
from omloop.track import MirroredTracker, read_record

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


def mirror_runs(
    name: str, given: Sequence[str], workspace: Workspace, tell: Callable[[str], None] = lambda line: None
) -> list[str]:
    """Send runs of the project called `name` to every mirror that `track` names; gives their whole names.

    It overwrites what a mirror has already. Raises SettingError if `track` names no mirror, and UnknownNameError for an
    unknown run. Raises OmloopError for a running run, or if a mirror did not get one.
    """
    tracker = workspace.tracker()
    if not isinstance(tracker, MirroredTracker):
        told = 'names no mirror. Set one beside the memory of runs, such as track = "mlflow:http://127.0.0.1:5000".'
        raise SettingError(f"track = '{workspace.settings.track}' {told}", key="track")
    found = {str(one["run"]): one for one in tracker.list(name)}
    records = [find_run([read_record(one) for one in found.values()], one, name) for one in given]
    if going := [record.name for record in records if record.status == "running"]:
        raise OmloopError(
            f"The run {going[0]} still goes on, and its own process tells mirrors. Send it when it ended."
        )
    for record in records:
        unsent = tracker.resend(name, found[record.name])
        if unsent:
            raise OmloopError(f"Of the run {record.name} was not sent: {unsent}. Send it again once that is mended.")
        tell(f"sent {record.name}")
    return [record.name for record in records]
