"""Whether the data keeps up with the training: python benchmarks/loader.py [PROJECT=PATH ...]

For each of `emotion` and `skin_lesion`, from the real pictures where PATH names them (else drawn ones), prints how many
pictures a second are decoded once, are prepared again from the kept array, leave the loader in shuffled batches (from
memory, and from the file mapped into memory), and are trained on by the project's network, augmentation included; and
how many the loader gives for each that is trained on. Then whether loader workers would help: batches as omloop has
them, by the process that trains and by workers, beside batches that are decoded again every time. All on this machine,
one thing at a time.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from omloop.core import Job, Part, Project
from omloop.data import record_keys
from omloop.data.encoded_cache import encode_cached
from omloop.loop import find_project
from omloop.loop.project.configure import configure
from omloop.loop.settings import SETTINGS
from omloop.train.batching import Batches, lesson_of, loader

MODELS = {"emotion": "cnn", "skin_lesion": "baseline_cnn"}
ROWS, TRAINED = 1500, 640


def main() -> None:
    paths = dict(word.split("=", 1) for word in sys.argv[1:])
    for name, model in MODELS.items():
        project = find_project(name, SETTINGS.load({"projects": str(Path(__file__).parents[1] / "projects")}))
        assert project.read is not None
        records = project.read(Path(paths[name])) if name in paths else project.simulate(ROWS, 1, 0.0)
        measure(project, model, records, "real" if name in paths else "drawn")


def measure(project: Project, model: str, records: Any, kind: str) -> None:
    count, keys = len(records[project.target]), record_keys(records, project.inputs.fields)
    targets = project.outputs.encode(records[project.target])
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "prepared"
        first, examples = timed(lambda: encode_cached(project.inputs, records, keys, None))
        keeping, _ = timed(lambda: encode_cached(project.inputs, records, keys, cache))
        again, mapped = timed(lambda: encode_cached(project.inputs, records, keys, cache))
        print(f"{project.name}: {count:,} {kind} pictures, {examples.nbytes / 2**20:.0f} MiB prepared")
        told("decoded once", count, first)
        told("decoded and kept", count, keeping)
        told("prepared again", count, again, f"{again / first:.3f} of the first time")
        rates = [batches(project, part_of(found, targets)) for found in (examples, mapped)]
        told("batches from memory", count, rates[0])
        told("batches from the mapped file", count, rates[1])
        trained = training(project, model, part_of(examples, targets), Path(folder))
    told("trained on, augmentation included", TRAINED, trained)
    print(f"  the loader gives {(count / rates[1]) / (TRAINED / trained):,.0f} pictures for each that is trained on")
    workers(project, part_of(examples, targets), records, rates[0] / count, trained / TRAINED)
    print()


def workers(project: Project, part: Part, records: Any, plain: float, trained: float) -> None:
    """Seconds a picture of shuffled batches by workers, by those of omloop's own loader in the training process."""
    data = lesson_of(Job(None, project.inputs, project.outputs, part, part, 0, silent, Path()), part)
    field, raw = next((name, records[name]) for name in project.inputs.fields)
    again = Decoded(project.inputs, field, raw)
    for count in (0, 1, 2):
        for what, source in (("from memory", TensorDataset(*data.tensors)), ("decoded every time", again)):
            order = Batches(len(part), 32, shuffle=True, seed=0)
            given = DataLoader(source, sampler=order, batch_size=None, num_workers=count, persistent_workers=count > 0)
            seconds = passed(given) / len(part)
            more = f"{seconds / plain:.2f} times the loader's own, {seconds / trained:.3f} of a training step"
            told(f"{what}, {count} workers", 1, seconds, more)


class Decoded(Dataset[Any]):
    """Pictures that are decoded whenever they are asked for."""

    def __init__(self, kind: Any, field: str, raw: Any) -> None:
        self.kind, self.field, self.raw = kind, field, raw

    def __len__(self) -> int:
        return len(self.raw)

    def __getitem__(self, rows: list[int]) -> tuple[Any, ...]:
        examples = self.kind.encode({self.field: [self.raw[row] for row in rows]})
        return (torch.from_numpy(np.ascontiguousarray(self.kind.feeds(examples)["pixels"])),)


def silent(step: int, metrics: Any) -> None:
    """Logs nothing."""


def batches(project: Project, part: Part) -> float:
    """Seconds for one pass over shuffled batches, every picture touched; the better of two."""
    job = Job(None, project.inputs, project.outputs, part, part, 0, silent, Path())
    return passed(loader(lesson_of(job, part), 32, 0, shuffle=True))


def passed(given: Any) -> float:
    """Seconds for one pass, the better of two."""
    return min(timed(lambda: sum(int(batch[0].sum()) for batch in given))[0] for _ in range(2))


def training(project: Project, model: str, part: Part, folder: Path) -> float:
    """Seconds for one epoch of TRAINED pictures: between the ends of the first and of the second epoch."""
    config = replace(configure(project, [f"model={model}"]).models[model], epochs=2)
    few = part_of(part.examples[:TRAINED], part.targets[:TRAINED])
    one = part_of(part.examples[:1], part.targets[:1])
    ends: list[float] = []
    job = Job(
        config, project.inputs, project.outputs, few, one, 0, lambda step, metrics: ends.append(perf_counter()), folder
    )
    project.models[model].fit(job)
    return ends[1] - ends[0]


def part_of(examples: Any, targets: Any) -> Part:
    return Part(examples, targets, np.arange(len(targets)).astype(str))


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = perf_counter()
    found = act()
    return perf_counter() - begun, found


def told(what: str, count: int, seconds: float, more: str = "") -> None:
    print(f"  {what:36} {count / seconds:>10,.0f} pictures/s  {more}")


if __name__ == "__main__":
    main()
