"""A delivery to Google Cloud: its files beside what is there, what that costs, and the cloud brought to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import ConfigError, Diagnosis, MissingExtraError, OmloopError, Place, as_store_error, is_installed
from omloop.deploy import Service, compare_files
from omloop.deploy.google import (
    Change,
    Done,
    GoogleCloud,
    Monthly,
    Resource,
    apply_changes,
    cost_of,
    examine_cloud,
    monthly_cost,
    plan_changes,
    plan_removal,
    read_resources,
    service_address,
    unmet_needs,
)
from omloop.deploy.google.files import CloudPlace, google_files
from omloop.loop.deploy.files import record_of
from omloop.loop.deploy.service import service_of

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

RUNNING = ("service", "job", "schedule", "pipeline-schedule")
"""Kinds of resources that run an image, or start one that does."""


@dataclass(frozen=True)
class CloudPlan:
    """The changes to make, and what the whole delivery costs a month after them, in USD.

    The changes in `waiting` cannot run before the `needs` are there: images, and the values of secrets.
    """

    changes: Sequence[Change]
    cost: Monthly
    cap: float
    needs: Sequence[Diagnosis] = ()
    waiting: Sequence[Change] = ()

    @property
    def differs(self) -> bool:
        """Whether there is anything to do."""
        return any(one.action not in ("same", "keep") for one in (*self.changes, *self.waiting))

    @property
    def must_ask(self) -> bool:
        """Whether a person should agree first: it may cost more than the cap, or takes something away."""
        return self.differs and (self.cost.most > self.cap or any(one.action == "remove" for one in self.changes))


@dataclass(frozen=True)
class CloudDelivery:
    """The resources of a delivery's files, and the cloud they belong to. `stale` are files that are out of date."""

    service: Service
    wanted: Sequence[Resource]
    cloud: GoogleCloud
    stale: Sequence[str] = ()

    def plan(self) -> CloudPlan:
        """What `apply` would do; it changes nothing. Raises OmloopError if it cannot look at a resource."""
        changes = plan_changes(self.wanted, self.cloud)
        needs = unmet_needs(self.wanted, self.cloud)
        waiting = [one for one in changes if needs and one.action == "create" and _runs(one.resource)]
        now = [one for one in changes if one not in waiting]
        cost = monthly_cost(self.wanted, self.cloud.region)
        return CloudPlan(now, cost, self.service.google.cap, needs, waiting)

    def apply(self, plan: CloudPlan, tell: Callable[[str], None] = lambda _: None) -> Sequence[Done]:
        """Make the changes of a plan, but not the waiting ones. Raises OmloopError at the first refusal."""
        return apply_changes(plan.changes, self.cloud, tell)

    def removal(self) -> CloudPlan:
        """The plan that removes everything that omloop made for the project; data and shared resources stay."""
        return CloudPlan(plan_removal(self.wanted, self.cloud), Monthly(), self.service.google.cap)

    def costs(self) -> Sequence[tuple[Resource, Monthly]]:
        """What each resource costs, the dearest first."""
        costs = [(one, cost_of(one, self.wanted, self.cloud.region)) for one in self.wanted]
        return sorted(costs, key=lambda one: -one[1].most)

    def address(self) -> str:
        """Where the server answers; empty where there is none."""
        found = (service_address(one, self.cloud) for one in self.wanted if one.kind == "service")
        return next(filter(None, found), "")

    def examine(self) -> Sequence[Diagnosis]:
        """What would keep it from working: credentials, billing, services that are off, rights, images."""
        return examine_cloud(self.wanted, self.cloud)


def cloud_delivery(given: str, workspace: Workspace, root: Path) -> CloudDelivery:
    """The delivery of a project whose files lie in the repository at `root`.

    Raises OmloopError without files or without a login, and MissingExtraError without the extra.
    """
    if not is_installed("google"):
        raise MissingExtraError("Delivering to Google Cloud", "google-auth", "google")
    service = service_of(given, workspace, root)
    wanted, place, settings = _resources(service, root), CloudPlace.of(service), service.google
    if not wanted:
        folder, write = root / service.place / "google", f"omloop deploy google {service.project}"
        raise OmloopError(f"There are no files of a delivery to Google Cloud in '{folder}'. Write them: {write}")
    cloud = GoogleCloud.connect(
        place.project,
        place.region,
        service.host,
        settings.billing_account,
        registry=place.location,
        scheduler=settings.schedule_region,
    )
    compared = compare_files(record_of("google", service), google_files(service), root)
    stale = [one.path for one in compared if one.state in ("new", "updated", "removed")]
    return CloudDelivery(service, wanted, cloud, stale)


def cloud_cost(given: str, workspace: Workspace, root: Path) -> Monthly | None:
    """What the files of a project's delivery cost a month, by the table of prices; None where there are none.

    It asks no cloud. Raises OmloopError for unreadable files.
    """
    service = service_of(given, workspace, root)
    wanted = _resources(service, root)
    return monthly_cost(wanted, CloudPlace.of(service).region) if wanted else None


def _resources(service: Service, root: Path) -> Sequence[Resource]:
    """The resources that the files of a delivery in the repository at `root` ask for; none without files."""
    folder = root / service.place / "google"
    with as_store_error("read", folder):
        paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != "cloudbuild.yaml"]
        texts = {path.relative_to(root).as_posix(): _text(path) for path in paths}
    return read_resources(texts) if texts else ()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("This is no text in UTF-8. Mend or remove it.", Place(path.as_posix())) from error


def _runs(one: Resource) -> bool:
    return one.kind in RUNNING or (one.kind == "access" and one.name.partition("/")[0] in RUNNING)
