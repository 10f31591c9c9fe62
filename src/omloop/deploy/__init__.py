"""Delivery: files that a person can read and keep, made of one `Service`."""

from omloop.deploy.dispatch import GithubRepository
from omloop.deploy.generated import GeneratedFile, compare_files, write_files
from omloop.deploy.service import IMAGES, Service
from omloop.deploy.settings import DeploySettings, GoogleSettings
from omloop.deploy.targets import TARGETS, Target

__all__ = [
    "IMAGES",
    "TARGETS",
    "DeploySettings",
    "GeneratedFile",
    "GithubRepository",
    "GoogleSettings",
    "Service",
    "Target",
    "compare_files",
    "write_files",
]
