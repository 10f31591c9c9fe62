"""Seconds and memory that it takes to infer what a CSV of 1,000,000 rows and 30 columns means.

Run: python benchmarks/data/infer.py [--rows 1000000]

The file has numbers, integers, words of 3 to 30,000 kinds, an id, a time, a truth value and a sentence a row. It is
inferred in a process of its own, whose largest resident memory is told.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars

CHILD = """
import json, resource, sys, time
from pathlib import Path
from omloop.data.infer import infer_table
begin = time.perf_counter()
found = infer_table(Path(sys.argv[1]), "y")
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
counts = {"features": len(found.features), "left out": len(found.left_out)}
print(json.dumps({"seconds": seconds, "gigabytes": peak, **counts}))
"""


def write(path: Path, rows: int) -> None:
    draw = np.random.default_rng(0)
    columns = {f"number {place}": draw.normal(place, 3, rows).round(4) for place in range(14)}
    columns |= {f"integer {place}": draw.integers(0, 10 ** (place + 1), rows) for place in range(6)}
    for place, words in enumerate((3, 30, 300, 3_000, 30_000)):
        columns[f"word {place}"] = np.array([f"w{word}" for word in range(words)])[draw.integers(0, words, rows)]
    columns["id"] = np.arange(rows)
    columns["when"] = (np.datetime64("2020-01-01T00:00:00") + 31 * np.arange(rows)).astype(str)
    columns["ok"] = np.array(["true", "false"])[draw.integers(0, 2, rows)]
    told = draw.integers(0, 300, (rows, 3)).tolist()
    columns["note"] = np.array([f"the {one} of {two} was {three} today" for one, two, three in told])
    columns["y"] = (columns["number 0"] + draw.normal(0, 2, rows) > 0).astype(np.int64)
    polars.DataFrame(columns).write_csv(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        write(path, rows)
        size = path.stat().st_size / 1e6
        told = subprocess.run(
            [sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True
        ).stdout
    found = json.loads(told)
    print(f"{rows:,} rows x 30 columns, {size:.0f} MB: {found['seconds']:.1f} s, {found['gigabytes']:.2f} GB at most")
    print(f"{found['features']} features, {found['left out']} columns left out")


if __name__ == "__main__":
    main()
