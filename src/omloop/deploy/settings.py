"""The settings of a delivery, anywhere and to Google Cloud."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from omloop.core import Between, RoomSettings


@dataclass(frozen=True)
class DeploySettings(RoomSettings):
    """The resources of a deployed project, its contacts, and how long to keep its files."""

    SECTION: ClassVar[str] = "deploy"

    registry: str = "ghcr.io/OWNER"
    """Where to push images, up to their name: `ghcr.io/OWNER`, or `REGION-docker.pkg.dev/PROJECT/REPOSITORY`."""
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
    """Requests that one instance answers at once before another starts."""
    watch_minutes: Annotated[int, Between(1, 1_440)] = 15
    """Minutes between two looks of the watch."""
    keep_days: Annotated[int, Between(1, 36_500)] = 90
    """Days for which Prometheus keeps metrics."""
    email: str = ""
    """Address for alerts of the platform; empty sends none."""
    smtp: str = ""
    """Mail server that takes Alertmanager's alerts for `deploy_email`: `HOST:PORT`."""
    repository: str = ""
    """GitHub repository to tell of promotions: `OWNER/NAME`; empty takes that of the git remote `origin`."""


@dataclass(frozen=True)
class GoogleSettings(RoomSettings):
    """Where in Google Cloud, open to whom, and for how much money."""

    SECTION: ClassVar[str] = "google"

    project: str = ""
    """Project of Google Cloud; empty takes that of `deploy_registry`."""
    region: str = ""
    """Region of the server and the watch, such as `europe-west4`; empty takes that of `deploy_registry`."""
    schedule_region: str = ""
    """Region of Cloud Scheduler, which begins the watch and is not in every region; empty takes `region`."""
    public: Annotated[int, Between(0, 1)] = 0
    """1: anybody may call the server, which then asks for keys itself; 0: only who has the role Cloud Run Invoker."""
    metrics: Annotated[int, Between(0, 1)] = 1
    """1: a side-car of each instance keeps the server's metrics, and alerts are judged on them."""
    watch: Literal["job", "vertex"] = "job"
    """How the watch runs: a `job` of Cloud Run, or a pipeline of `vertex`."""
    build: Literal["github", "cloud"] = "github"
    """Who builds images after a push to `main`: GitHub's workflow, or Cloud Build."""
    secrets: str = ""
    """Variables of server and watch whose values lie in Secret Manager, divided by commas, such as `OMLOOP_API_KEY`."""
    cap: Annotated[int, Between(0, 1_000_000)] = 50
    """The most USD a month for creating or changing something without asking."""
    billing_account: str = ""
    """Billing account of the budget, such as `012345-6789AB-CDEF01`."""
    budget: Annotated[int, Between(0, 1_000_000)] = 0
    """Money a month, in the account's currency, after which those who administer it get a mail; 0 makes no budget."""
