"""The tables of trackers and mirrors, and what the setting `track` names of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from omloop.core import Backends, MissingExtraError, SettingError, UnknownNameError, is_installed, split_address
from omloop.track.apart import ApartMirror
from omloop.track.outbox import Outbox

TRACKERS = Backends(
    "track",
    {
        "files": "omloop.track.files:FileTracker",
        "gs": "omloop.track.remote:RemoteTracker",
        "s3": "omloop.track.remote:RemoteTracker",
    },
)
MIRRORS = Backends("mirror", {"mlflow": "omloop.track.mlflow:MlflowMirror", "wandb": "omloop.track.wandb:WandbMirror"})


def split_setting(setting: str) -> tuple[str, tuple[str, ...]]:
    """The memory of runs that `track` names, and the mirrors; the memory is `files` where `track` names none.

    Raises UnknownNameError for a name that is in neither table, and SettingError for two memories.

    >>> split_setting("mlflow:http://127.0.0.1:5000, wandb:offline")
    ('files', ('mlflow:http://127.0.0.1:5000', 'wandb:offline'))
    """
    memories, mirrors = [], []
    for one in filter(None, map(str.strip, setting.split(","))):
        name, _ = split_address(one)
        if name in TRACKERS.known or (name not in MIRRORS.names() and name in TRACKERS.names()):
            memories.append(one)
        elif name in MIRRORS.names():
            mirrors.append(one)
        else:
            raise UnknownNameError("track backend", name, {*TRACKERS.names(), *MIRRORS.names()}, next_step=_advice(one))
    if len(memories) > 1:
        told = f"Runs have one memory, but track = '{setting}' names {' and '.join(memories)}. Leave all but one out."
        raise SettingError(told, key="track")
    return (memories or ["files"])[0], tuple(mirrors)


def open_outboxes(mirrors: Sequence[str], folder: Path) -> tuple[Outbox, ...]:
    """An outbox before each mirror of a setting; what lies on this machine lies in `folder`."""
    return tuple(_outbox(one, ApartMirror(one, folder), folder) for one in mirrors)


def _outbox(setting: str, apart: ApartMirror, folder: Path) -> Outbox:
    def require() -> ApartMirror:
        name, _ = split_address(setting)
        MIRRORS.open(setting, folder)  # refuses a wrong address
        if not is_installed(name):
            raise MissingExtraError(f"The track backend '{name}'", name, name)
        return apart

    return Outbox(setting, require, apart.kill)


def _advice(given: str) -> str:
    return f"For a folder write files:{given}." if Path(given).anchor or given.startswith(("./", "../", "~/")) else ""
