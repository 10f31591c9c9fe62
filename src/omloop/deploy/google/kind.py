"""What every kind of resource can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.resource import Resource

Body = Mapping[str, Any]


class Kind(Protocol):
    """How to create, show, change and remove resources of a kind; each raises CloudError for a refusal."""

    def read(self, cloud: GoogleCloud, name: str) -> Body | None:
        """What is there by that name, None where there is nothing."""

    def create(self, cloud: GoogleCloud, one: Resource) -> Body:
        """Make it, and give what is there then."""

    def change(self, cloud: GoogleCloud, one: Resource, live: Body, fields: Sequence[str]) -> Body:
        """Bring it to its body; `fields` are those at the top of the body that differ."""

    def remove(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """Remove it, and answer with nothing; or leave it, and say why and what to do."""

    def owned(self, cloud: GoogleCloud) -> Iterator[tuple[str, Body]]:
        """Names and bodies of all that omloop made for the owner."""

    def owner(self, live: Body) -> str | None:
        """For which project omloop made it; empty where it is not omloop's, None where no kind of it has an owner."""

    def wanted(self, cloud: GoogleCloud, one: Resource, live: Body) -> Body:
        """The body to compare with the live one: without the fields that its file does not decide."""
