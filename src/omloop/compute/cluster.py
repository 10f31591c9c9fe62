"""Commands of a cluster's scheduler: asked within bounds, and what they refuse told in one line."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO

from omloop.core import ComputeError, without_secrets

WAIT_S = 60.0
"""How long a scheduler may take to answer."""


def ask(who: str, words: Sequence[str], *, stdin: IO[bytes] | None = None) -> CompletedProcess[str]:
    """Run a command of the scheduler called `who`; raises ComputeError where it is not there or does not answer."""
    try:
        return subprocess.run(
            words,
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WAIT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise ComputeError(
            f"{who} is not on this machine: there is no command '{words[0]}'. Run this where jobs are submitted, or "
            "take another --on."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ComputeError(f"{who} does not answer: '{words[0]}' took more than {WAIT_S:.0f} s.") from error
    except OSError as error:
        raise ComputeError(f"'{words[0]}' of {who} cannot be run: {error.strerror or error}.") from error


def require(who: str, words: Sequence[str], *, stdin: Path | None = None) -> str:
    """What a command of the scheduler prints; raises ComputeError with what it says where it refuses."""
    if stdin is None:
        found = ask(who, words)
    else:
        with stdin.open("rb") as file:
            found = ask(who, words, stdin=file)
    if found.returncode != 0:
        raise ComputeError(f"{who} refuses '{words[0]}': {said(found)}")
    return found.stdout.strip()


def said(found: CompletedProcess[str]) -> str:
    """What a command said, in one line."""
    lines = [line.strip() for line in (found.stderr or found.stdout).splitlines() if line.strip()]
    return without_secrets(" ".join(lines)[:300]) or f"exit code {found.returncode}"
