"""What a million rows of 20 columns cost: python benchmarks/drift/cost.py [EVIDENTLY_PYTHON]

The reference is reduced beforehand; rows come in pieces of 250,000, as from a log. CPU seconds and the growth
of the largest memory, each in a process of its own. With the Python of an environment that has Evidently, its
DataDriftPreset on as many rows.
"""

import resource
import subprocess
import sys
import time

import numpy as np

OURS = "--ours"
THEIRS = """
import resource, time, numpy as np, pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset
chance = np.random.default_rng(0)
names = [f"c{i}" for i in range(20)]
before = pd.DataFrame(chance.normal(size=(10_000, 20)), columns=names)
live = pd.DataFrame(chance.normal(size=(1_000_000, 20)).astype("float32"), columns=names)
memory, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
Report([DataDriftPreset()]).run(live, before)
print(time.process_time() - begin, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024)
"""


def ours() -> None:
    """Count and listen; prints CPU seconds and mebibytes, those of the pieces of rows included."""
    from omloop.bundle import Reference
    from omloop.drift import find_alarms

    chance = np.random.default_rng(0)
    names = [f"c{index}" for index in range(20)]
    before = {name: chance.normal(size=10_000) for name in names}
    reference = Reference.of(before, dict.fromkeys(names, ()), series=before)
    memory, spent, parts = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0.0, []
    for _ in range(4):
        piece = {name: chance.normal(size=250_000).astype(np.float32) for name in names}
        begin = time.process_time()
        parts.append(reference.buckets(piece))
        spent += time.process_time() - begin
    begin = time.process_time()
    find_alarms(reference, np.concatenate(parts), first=3999)
    spent += time.process_time() - begin
    print(spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024)


def run(*command: str) -> tuple[float, float]:
    """CPU seconds and mebibytes that a command prints."""
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(shown[-2]), float(shown[-1])


if __name__ == "__main__":
    if OURS in sys.argv:
        ours()
    else:
        seconds, memory = run(sys.executable, __file__, OURS)
        print(f"omloop: {seconds:.2f} CPU s, {memory:.0f} MiB")
        if len(sys.argv) > 1:
            others, more = run(sys.argv[1], "-c", THEIRS)
            print(f"Evidently: {others:.2f} CPU s, {more:.0f} MiB; {others / seconds:.0f} times as long")
