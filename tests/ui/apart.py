"""`omloop ui` in a process of its own, which a test may kill, with the folder it runs in and all that it says."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ENDS_S = 20


@dataclass
class Apart:
    """The process: its `address`, and `log`, the file of what it says beside that."""

    process: "subprocess.Popen[str]"
    address: str
    log: Path

    @property
    def port(self) -> str:
        """The port that it listens on."""
        return self.address.rpartition(":")[2]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=ENDS_S)


@contextmanager
def page_apart(folder: Path, *words: str) -> Iterator[Apart]:
    """`omloop ui` run in a folder with more words for its command line; it is ended when the context ends."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.with_name(f"{folder.name}.log")
    line = [sys.executable, "-m", "omloop", "ui", "--json", *(() if "--port" in words else ("--port", "0")), *words]
    with log.open("a") as told:
        process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=told, text=True, cwd=folder, env={**os.environ, "PYTHONPATH": _SRC}
        )
    try:
        first = process.stdout.readline() if process.stdout else ""
        assert first, log.read_text()
        yield Apart(process, str(json.loads(first)["address"]), log)
    finally:
        process.kill()
        process.wait(timeout=ENDS_S)


_SRC = str(Path(__file__).parents[2] / "src")
