"""The settings of the web page."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from omloop.core import Between, RoomSettings


@dataclass(frozen=True)
class UiSettings(RoomSettings):
    """Where the web page listens, and whom it asks."""

    SECTION: ClassVar[str] = "ui"

    host: str = "127.0.0.1"
    """Address that the web page listens on."""
    port: Annotated[int, Between(0, 65_535)] = 8080
    """Port that the web page listens on; 0 takes a free one."""
    servers: str = ""
    """Servers by project, such as `imdb=http://imdb:8000`, divided by commas; empty asks those on this machine."""
    remote: str = ""
    """Address of another machine's `omloop ui`, whose workspace is shown; empty shows the one here."""
