"""What an audit of a large repository costs: python benchmarks/audit.py [FILES]

Writes a repository of 10,000 files, six in ten of them Python of 90 lines, and prints the CPU time of reading every
file once, of parsing the Python among them, and of `omloop audit`, as medians of rounds in turn in one process, with
the ratios. git's own processes are counted. Then the same for omloop's own repository.
"""

import ast
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from omloop.audit import audit
from omloop.audit.listing import list_files

ROUNDS = 3
CODE = '''"""Part {n}."""
import logging
import numpy as np
import torch
from torch.utils.data import DataLoader
from faces.part{before} import load_{before}

LOG = logging.getLogger(__name__)


def load_{n}(path: str, size: int = 3) -> list[int]:
    """Load some."""
    rows = [one for one in open(path)]
    LOG.info("read %d rows", len(rows))
    return [len(row) for row in rows if row.strip() and not row.startswith("#")][:size]

'''
BODY = '''
def step_{k}(x: np.ndarray, y: dict[str, float], *, scale: float = 1.0) -> np.ndarray:
    """Step."""
    total = np.asarray(x) * scale + sum(value for key, value in y.items() if key != "a{k}")
    for index in range(len(y)):
        total = total + index if index % 2 else total - index
    return total.reshape(-1, 1)
'''
YAML = "name: part{n}\nmodel: {{lr: 0.1, layers: [32, 64], name: net}}\ndata:\n  path: data/{n}\n  batch: 32\n"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), count)
        measure(f"{count:,} generated files", Path(folder))
    measure("omloop itself", Path(__file__).parent.parent)


def write(folder: Path, count: int) -> None:
    for n in range(count):
        kind = n % 10
        place = folder / f"src/faces/part{n // 100}"
        place.mkdir(parents=True, exist_ok=True)
        if kind < 6:
            code = CODE.format(n=n, before=max(n - 1, 0)) + "".join(BODY.format(k=k) for k in range(9))
            (place / f"part{n}.py").write_text(code)
        elif kind < 8:
            (place / f"part{n}.yaml").write_text(YAML.format(n=n))
        else:
            (place / f"part{n}.{'md' if kind == 8 else 'csv'}").write_text("some words of text\n" * 50)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)


def measure(what: str, folder: Path) -> None:
    files = [folder / path for path in list_files(folder).paths]
    tasks: dict[str, Callable[[], object]] = {
        "read": lambda: [len(path.read_bytes()) for path in files],
        "parse": lambda: [parsed(path) for path in files if path.suffix == ".py"],
        "audit": lambda: audit(folder),
    }
    times = {name: statistics.median(seconds(task) for _ in range(ROUNDS)) for name, task in tasks.items()}
    told = ", ".join(f"{name} {time:.2f} s ({time / times['read']:.1f} x)" for name, time in times.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {len(files):,} files; {told}; audit / parse {times['audit'] / times['parse']:.1f}; {peak:.0f} MiB")


def parsed(path: Path) -> bool:
    return bool(ast.parse(path.read_bytes()).body)


def seconds(task: Callable[[], object]) -> float:
    """CPU time of this process and of those that it waited for."""

    def used() -> float:
        own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime

    begun = used()
    task()
    return used() - begun


if __name__ == "__main__":
    main()
