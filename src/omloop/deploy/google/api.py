"""Enabled services of Google Cloud in a project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.kind import Body
from omloop.deploy.google.resource import Resource

HOST = "serviceusage.googleapis.com"


class Api:
    """A service such as `run.googleapis.com`. It costs nothing, and others may need it, so omloop never disables it."""

    def read(self, cloud: GoogleCloud, name: str) -> Body | None:
        """As `Kind` says; one that is off is not there."""
        found = cloud.find(HOST, f"v1/projects/{cloud.project}/services/{name}")
        return found if found and found.get("state") == "ENABLED" else None

    def create(self, cloud: GoogleCloud, one: Resource) -> Body:
        """As `Kind` says."""
        return cloud.ask("POST", HOST, f"v1/projects/{cloud.project}/services/{one.name}:enable", {})

    def change(self, cloud: GoogleCloud, one: Resource, live: Body, fields: Sequence[str]) -> Body:
        """As `Kind` says: there is nothing to change."""
        return live

    def remove(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """As `Kind` says."""
        return "others may need it."

    def owned(self, cloud: GoogleCloud) -> Iterator[tuple[str, Body]]:
        """As `Kind` says: a service belongs to nobody."""
        return iter(())

    def owner(self, live: Body) -> str | None:
        """As `Kind` says."""
        return None

    def wanted(self, cloud: GoogleCloud, one: Resource, live: Body) -> Body:
        """As `Kind` says."""
        return {}
