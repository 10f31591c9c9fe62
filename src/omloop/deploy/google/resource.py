"""A resource as a file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Resource:
    """Something in Google Cloud: its kind, its name there, and the body that the cloud's REST API takes.

    A `kind` is one of `omloop.deploy.google.kinds.KINDS`. A text in the body may name what only the cloud knows:
    `${project:number}`, or `${KIND:NAME}`, which becomes the full name of another resource.
    """

    kind: str
    name: str
    body: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
