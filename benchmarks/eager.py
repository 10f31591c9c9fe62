"""How a network answers as it was trained in torch, compiled by torch, and packaged as ONNX: side by side, in turns.

    OMP_WAIT_POLICY=PASSIVE python benchmarks/eager.py [PROJECT:MODEL ...] [--compile] [--turns 15]

Every network of the projects that needs no weights from elsewhere is trained for one epoch on a few simulated records:
how fast it answers does not depend on what it learned. Threads: one, and all cores. Prints the median milliseconds of
a run, and how many times faster ONNX Runtime is, the median over all turns. `--compile` adds `torch.compile`, which is
for inference inside a process that has torch, and takes a minute a network to get ready. Without the variable, torch's
threads wait for each other at full speed, which on a busy machine takes a hundred times as long as the work.
"""

import argparse
import platform
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from omloop.bundle import Session
from omloop.core import Job, Settings, cpu_quota
from omloop.data import features_of, prepare
from omloop.loop import find_project
from omloop.loop.project.configure import configure
from omloop.package import EXPORTERS
from omloop.train.batching import tensors

ROOT = Path(__file__).parent.parent
NETWORKS = (
    "student_performance:mlp",
    "emotion:cnn",
    *(f"skin_lesion:{n}" for n in ("baseline_cnn", "resnet", "efficientnet")),
)
BATCHES = (1, 8, 32)


def fitted(name: str) -> tuple[Any, Any, Any, bytes]:
    """A network of a project after one epoch, its input kind, its examples, and its graph."""
    project_name, model = name.split(":")
    project = find_project(project_name, Settings(projects=str(ROOT / "projects")))
    config = configure(project, [f"model={model}", "data.rows=400", "most_epochs=1"])
    kind = features_of(project, config.data.features)
    columns = project.simulate(400, 1, 0.0)
    dataset = prepare(project, columns, kind, seed=1, validation=0.2, test=0.2)
    with tempfile.TemporaryDirectory() as folder:
        parts, log = (dataset.train, dataset.validation), lambda *_: None
        job = Job(config.models[model], kind, project.outputs, *parts, seed=1, log=log, folder=Path(folder))
        found = project.models[model].fit(job)
    kind = found.inputs or kind
    graph = EXPORTERS.load(found.family)(found, kind, project.outputs, dataset.train.examples)
    return found.model.eval(), (kind, project.outputs), dataset.train.examples, graph


def compared(runs: dict[str, Any], turns: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each, and how many times faster it is than the first in the same turn."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(turns + 2):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    times = {name: np.array(found[2:]) for name, found in seconds.items()}
    first = next(iter(times.values()))
    return {name: (1000 * float(np.median(t)), float(np.median(first / t))) for name, t in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--compile", action="store_true", help="measure torch.compile, too")
    parser.add_argument("--turns", type=int, default=15)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"{platform.platform()}, {cpu_quota()} cores, torch {torch.__version__}")
    for name in args.networks:
        model, (kind, outputs), examples, graph = fitted(name)
        for threads in sorted({1, cpu_quota()}):
            torch.set_num_threads(threads)
            session = Session(graph, kind, outputs, threads=threads)
            fast = torch.compile(model, dynamic=True) if args.compile else None
            for batch in BATCHES:
                rows = np.resize(examples, (batch, *examples.shape[1:]))
                feeds = tensors(kind, rows)
                with torch.inference_mode():
                    runs = {"eager": lambda: model(*feeds), "onnx": lambda: session.run(rows)}  # noqa: B023
                    if fast is not None:
                        runs["compiled"] = lambda: fast(*feeds)  # noqa: B023
                    found = compared(runs, args.turns)
                told = ", ".join(f"{way} {ms:.3g} ms ({faster:.2f}x)" for way, (ms, faster) in found.items())
                print(f"{name:32} threads {threads}, batch {batch:2}: {told}")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
