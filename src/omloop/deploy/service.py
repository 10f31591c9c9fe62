"""A project for delivery: all that generated files need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from omloop.core import OmloopError, SettingError
from omloop.deploy.settings import DeploySettings, GoogleSettings

IMAGES = {
    "serve": "serves the champion over HTTP",
    "watch": "looks for drift and loss, without anything that trains",
    "train": "turns the circuit: trains, evaluates, promotes; watches and retrains too",
    "evaluate": "scores versions on the project's data",
    "probe": "watches a server from outside",
    "ui": "shows the web page",
}
"""The images of a project, and what each is for."""


@dataclass(frozen=True)
class Service:
    """A project, its champion and its settings, as every generated file needs them.

    `folder` is the project's, relative to the repository, in POSIX form. `python` is a version such as "3.12". `extras`
    are omloop's extras of each image. `locks` are the packages that these bring, each at a version and with its hashes,
    as pip reads them. `torch` is the requirement of PyTorch; no lock holds it, as its index is another. `omloop` is
    what pip installs as omloop, and `wheel` the file of the repository that it is, empty where it is none. `variables`
    are omloop's settings as variables of a container, and `secrets` names of variables that come from a secret manager.
    `version` is the champion that the server's image carries, empty where it carries none, and `labels` tell its
    lineage. `presets` are trainings by name, and the configuration of each as words of a command line.

    Raises OmloopError for a name that cannot be one of an image and of a host.
    """

    project: str
    summary: str
    folder: str
    python: str
    omloop: str
    version: str = ""
    wheel: str = ""
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locks: Mapping[str, str] = field(default_factory=dict)
    torch: str = "torch"
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    settings: DeploySettings = field(default_factory=DeploySettings)
    google: GoogleSettings = field(default_factory=GoogleSettings)
    presets: Mapping[str, str] = field(default_factory=lambda: {"default": ""})

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]([a-z0-9-]{0,45}[a-z0-9])?", self.host):
            told = f"'{self.project}' gives '{self.host}', which cannot be the name of an image and of a host"
            raise OmloopError(f"{told}: letters, digits and hyphens, 47 at most, a letter first. Rename the project.")

    @property
    def host(self) -> str:
        """The name as hosts, images and services have it: lower case, with hyphens (RFC 1123).

        >>> Service("student_performance", "", "projects/student_performance", "3.12", "omloop==1.0").host
        'student-performance'
        """
        return re.sub(r"[^a-z0-9]+", "-", self.project.lower()).strip("-")

    @property
    def place(self) -> str:
        """The folder of generated files in the repository, relative to it."""
        return f"deploy/{self.project}"

    def image(self, kind: str) -> str:
        """The name of an image with its registry, without a tag.

        >>> Service("rides", "", "projects/rides", "3.12", "omloop==1.0").image("serve")
        'ghcr.io/OWNER/rides-serve'
        """
        return f"{self.settings.registry}/{self.host}-{kind}"


def secret_names(service: Service) -> dict[str, str]:
    """Names of secrets in Secret Manager, by the variables that they become.

    >>> service = Service("rides", "", "projects/rides", "3.12", "omloop==1.0", secrets=("OMLOOP_PREDICTIONS",))
    >>> secret_names(service)
    {'OMLOOP_PREDICTIONS': 'rides-OMLOOP_PREDICTIONS'}
    """
    further = [name.strip() for name in service.google.secrets.split(",") if name.strip()]
    if wrong := [name for name in further if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name)]:
        told = f"'google_secrets' names the variable '{wrong[0]}'"
        raise SettingError(f"{told}: capital letters, digits and '_' can be one.", key="google_secrets")
    return {name: f"{service.host}-{name}" for name in sorted({*service.secrets, *further})}
