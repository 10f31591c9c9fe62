"""What carries a job out, on whichever machine that is: python -m omloop.compute.runner FOLDER -- MODULE WORDS.

It lets the job print into the folder's log, ends it where the folder says so, and leaves its exit code there. The job
does not outlive it, however it ends; with --with-parent it does not outlive the process that started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from omloop.compute.folder import CANCELLED, EXIT, LOG, LOOK_S
from omloop.core import heed_children, write_whole

END_S = 20.0
"""How long a job may take to end after it was told to."""
KEEP_S = 10.0
"""How often the log is brought to where others see it, where that is not at once (a bucket)."""
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)


def main(words: list[str]) -> int:
    """Carry the job out, and give its exit code: 128 and the signal's number where one ended it."""
    place = words.index("--")
    flags, folder, module, rest = words[: place - 1], Path(words[place - 1]), words[place + 1], words[place + 2 :]
    parent = os.getppid() if "--with-parent" in flags else None
    told: list[int] = []
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: told.append(number))
    heed_children()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        command = [sys.executable, "-m", module, *rest]
        job = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  this process has one thread
        )
        code = _accompany(job, folder, told, parent)
    write_whole(folder / EXIT, str(code).encode())
    return code


def _accompany(job: subprocess.Popen[bytes], folder: Path, told: list[int], parent: int | None) -> int:
    kill_at, kept_at = float("inf"), time.monotonic()
    while job.poll() is None:
        time.sleep(LOOK_S)
        now = time.monotonic()
        wanted = not told and not (folder / CANCELLED).exists() and parent in (None, os.getppid())
        if not wanted and kill_at == float("inf"):
            job.terminate()
            kill_at = now + END_S
        elif now >= kill_at:
            job.kill()
        if now >= kept_at + KEEP_S:
            kept_at = now
            _keep(folder / LOG)
    code = job.returncode
    return 128 - code if code < 0 else code


def _keep(log: Path) -> None:
    with contextlib.suppress(OSError), log.open("ab") as file:
        os.fsync(file.fileno())


def _die_with_parent() -> None:
    """In the job's process: ask Linux to end it with the runner."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
