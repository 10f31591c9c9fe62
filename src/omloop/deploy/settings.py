"""What is set of a delivery."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from omloop.core import Between, RoomSettings


@dataclass(frozen=True)
class DeploySettings(RoomSettings):
    """What a deployed project takes, who is told of it, and how long what it writes is kept."""

    SECTION: ClassVar[str] = "deploy"

    registry: str = "ghcr.io/OWNER"
    """Where images are pushed to, up to their name: `ghcr.io/OWNER`, or `REGION-docker.pkg.dev/PROJECT/REPOSITORY`."""
    omloop: str = ""
    """What images install as omloop: a requirement of pip, or a wheel in the repository; empty takes this version."""
    extras: str = ""
    """Further extras of omloop in the images, divided by commas, such as `openvino` or `lightgbm`."""
    bake: Annotated[int, Between(0, 1)] = 0
    """1: the server's image carries the champion of when its files were made; 0: it fetches the champion at start."""
    cpus: Annotated[int, Between(1, 64)] = 1
    """CPU cores of an instance of the server."""
    memory_megabytes: Annotated[int, Between(128, 1_000_000)] = 512
    """Memory of an instance of the server; what trains has four times as much."""
    least: Annotated[int, Between(0, 1_000)] = 0
    """Instances of the server at least; 0 lets one that nobody asks end, where the platform can."""
    most: Annotated[int, Between(1, 1_000)] = 3
    """Instances of the server at most."""
    concurrency: Annotated[int, Between(1, 1_000)] = 80
    """Requests that one instance answers at once before another is begun."""
    watch_minutes: Annotated[int, Between(1, 1_440)] = 15
    """Minutes between two looks of the watch."""
    keep_days: Annotated[int, Between(1, 36_500)] = 90
    """Days for which Prometheus keeps metrics."""
    email: str = ""
    """Address that alerts of the platform are sent to; empty sends none."""
    smtp: str = ""
    """Mail server that takes Alertmanager's alerts for `deploy_email`: `HOST:PORT`."""
    repository: str = ""
    """Repository on GitHub that is told of promotions: `OWNER/NAME`; empty takes that of the git remote `origin`."""
