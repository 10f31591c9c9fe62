"""Tell the repository on GitHub of a promotion, so that its workflow tests the version and deploys it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omloop.core import OmloopError, Settings, without_secrets
from omloop.deploy import DeploySettings, GithubRepository

EVENT = "omloop-promoted"
"""The type of the event that workflows wait for."""
LONGEST = 500
"""Characters of a reason; GitHub takes 64 KB in all."""
Notify = Callable[["Promotion"], str]


@dataclass(frozen=True)
class Promotion:
    """Who is in charge of a project now, who was, and why."""

    project: str
    version: str
    before: str | None
    reason: str


def notifier(settings: Settings, folder: Path) -> Notify:
    """A function that tells the repository of the checkout at `folder` of a promotion, and gives the repository's name.

    Raises OmloopError without a known repository or without a token: before any promotion.
    """
    repository = GithubRepository.of(settings.of(DeploySettings).repository, _origin(folder), os.environ)

    def notify(promoted: Promotion) -> str:
        payload = {
            "project": promoted.project,
            "version": promoted.version,
            "before": promoted.before,
            "reason": without_secrets(promoted.reason)[:LONGEST],
        }
        repository.dispatch(EVENT, payload)
        return repository.name

    return notify


def tell_promotion(notify: Notify, promoted: Promotion) -> str:
    """Tell of a promotion that stands; an OmloopError says so, and how to try again."""
    try:
        return notify(promoted)
    except OmloopError as error:
        again = f"omloop promote {promoted.project} {promoted.version} --notify"
        raise OmloopError(f"{promoted.version} is champion, but {error} Then tell again: {again}") from error


def _origin(folder: Path) -> str:
    """The address of the git remote `origin`; empty where there is none."""
    try:
        words = ["git", "remote", "get-url", "origin"]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
