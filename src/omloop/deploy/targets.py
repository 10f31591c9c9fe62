"""The table of delivery targets."""

from collections.abc import Callable, Mapping

from omloop.core import Backends
from omloop.deploy.service import Service

Target = Callable[[Service], Mapping[str, str]]
"""Gives the files of a target, texts by their paths in the repository; it reads nothing but the service."""

TARGETS = Backends(
    "deploy",
    {
        "docker": "omloop.deploy.docker:docker_files",
        "github": "omloop.deploy.github:github_files",
        "google": "omloop.deploy.google.files:google_files",
        "hpc": "omloop.deploy.hpc:hpc_files",
        "kubernetes": "omloop.deploy.kubernetes:kubernetes_files",
        "vm": "omloop.deploy.vm:vm_files",
    },
)
"""Names of targets, and what makes their files."""
