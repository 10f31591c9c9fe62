"""Programs that know what a file should be, run over what is delivered."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def checked(tool: str, *words: object, folder: Path | None = None) -> str:
    """What a tool says of files, in which it must find nothing; skipped where it is not installed.

    Tools that pip installs lie beside Python, which is not on the path of whoever calls it by its full name.
    """
    found = shutil.which(tool, path=str(Path(sys.executable).parent)) or shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed")
    command = [found, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
