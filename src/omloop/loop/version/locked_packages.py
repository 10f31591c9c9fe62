"""The packages of an earlier run in an environment of their own."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from omloop.core import OmloopError
from omloop.track import all_packages

OURS = "omloop"
"""It comes of the code, or of this very installation, and of no index."""
_TOOLS = ("pip", "setuptools", "wheel")


def differing_packages(wanted: str) -> list[str]:
    """The lines of `packages.txt` that differ from the installed packages; both hold a line `name==version` each."""
    here = set(all_packages().splitlines())
    return [line for line in wanted.splitlines() if line not in here and _name(line) not in (OURS, *_TOOLS)]


def locked_environment(wanted: str, folder: Path, tell: Callable[[str], None]) -> Path:
    """Make a virtual environment with exactly these packages, and give its interpreter.

    Raises OmloopError if installing one of them fails, with pip's message.
    """
    tell("environment: installing the packages of the run")
    venv.create(folder, with_pip=True)
    python = next(path for path in (folder / "bin" / "python", folder / "Scripts" / "python.exe") if path.exists())
    lines = [_plain(line) for line in wanted.splitlines() if _name(line) not in (OURS, *_TOOLS)]
    locked = folder / "packages.txt"
    locked.write_text("\n".join(lines) + "\n")
    _pip(python, "install", "-qq", "--no-deps", "-r", str(locked))
    return python


def interpreter_here() -> Path:
    """The interpreter that runs this."""
    return Path(sys.executable)


def _plain(line: str) -> str:
    """A line without the local part of its version, which indexes do not know: `torch==2.13.0+cpu`."""
    return line.partition("+")[0]


def _name(line: str) -> str:
    return line.partition("==")[0].lower()


def _pip(python: Path, *words: str) -> None:
    command: Sequence[str] = [str(python), "-m", "pip", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        raise OmloopError(
            f"The packages of the run cannot be installed: {' '.join(said)[:400]}. With --here this environment is "
            "taken, and what differs is told."
        )
