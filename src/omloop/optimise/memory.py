"""What a model takes of memory, measured where nothing else is: in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import ENGINES


def resident_bytes(model: bytes, feeds: Mapping[str, NDArray[np.generic]], *, engine: str, precision: str) -> int:
    """How much a process grows by that loads the model and answers `feeds`, in bytes; 0 where the system does not tell.

    The engine's library itself is not counted.
    """
    if not _STATUS.exists():
        return 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model.onnx").write_bytes(model)
        np.savez(Path(folder) / "feeds.npz", **feeds)  # type: ignore[arg-type]
        words = [sys.executable, "-m", "omloop.optimise.memory", folder, engine, precision]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return int(json.loads(told.splitlines()[-1]))


_STATUS = Path("/proc/self/status")


def _resident() -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return 1024 * int(line.split()[1])


def main(folder: str, engine: str, precision: str) -> None:
    """Print the growth of this process, as JSON."""
    load = ENGINES.load(engine)
    feeds, model = dict(np.load(Path(folder) / "feeds.npz")), (Path(folder) / "model.onnx").read_bytes()
    before = _resident()
    ready = load(model, threads=1, precision=precision)
    ready.run(list(ready.outputs), feeds)
    sys.stdout.write(json.dumps(max(0, _resident() - before)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
