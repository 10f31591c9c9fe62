"""Settings: the folders of this machine, and what each room declares of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import ClassVar, TypeVar


@dataclass(frozen=True)
class RoomSettings:
    """The settings of one room: a frozen dataclass of texts and whole numbers, each with a default.

    They are the section `SECTION` of omloop.toml. An annotation says what a setting may be: `Literal` of words, or
    `Annotated[int, Between(least, most)]`.
    """

    SECTION: ClassVar[str]


Room = TypeVar("Room", bound=RoomSettings)


@dataclass(frozen=True)
class Between:
    """The bounds of a whole number, both allowed."""

    least: int
    most: int


@dataclass(frozen=True)
class Settings(RoomSettings):
    """The folders at the top of omloop.toml, and the values of rooms' own settings; see `SettingTable`.

    >>> Settings().workspace
    '.omloop'
    """

    SECTION: ClassVar[str] = ""

    workspace: str = ".omloop"
    """Folder that holds runs, versions, predictions and downloads."""
    projects: str = "projects"
    """Folder with one project a sub-folder."""
    demo: str = ""
    """Project that `omloop demo` takes by default; else the only one, or an example."""
    track: str = "files"
    """Backend of the runs, or its address, such as `gs://bucket/runs`; behind commas the trackers beside it."""
    store: str = "files"
    """Backend of the versions, or its address, such as `gs://bucket/versions`."""
    predictions: str = "files"
    """Backend of the prediction log, or its address, such as `postgres://omloop@db.example/omloop`."""
    shared_cache: str = ""
    """Bucket where machines share the vectors of texts, such as `gs://bucket/cache`."""
    rooms: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    """The values of rooms' settings, by section and key."""

    def of(self, declared: type[Room]) -> Room:
        """The settings that a room declares, with the values of this machine."""
        return replace(declared(), **self.rooms.get(declared.SECTION, {}))

    def having(self, room: RoomSettings) -> Settings:
        """These settings with all of a room's settings replaced."""
        return replace(self, rooms={**self.rooms, room.SECTION: asdict(room)})
