"""Whether drift and live predictions are told quickly: python benchmarks/ui_drift.py [--columns 500] [--windows 1000]

Makes a workspace whose version observes so many columns, with kept counts of so many windows, and a log of 25,000
predictions of a small version. It asks the routes of the workspace for drift by column, drift by window, and what is
live. The first answer reads what is kept; later ones have it in memory. It prints milliseconds, and the peak of memory.

Then one viewer and ten look at what is live, each every two seconds as the page does. It prints what share of a core
that takes, and what it took if no answer were told twice.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec
import numpy as np
from starlette.testclient import TestClient

from omloop.bundle import Bundle, Reference, Session
from omloop.core import Prediction, Settings
from omloop.loop import Workspace
from omloop.loop.steer import live
from omloop.loop.steer.app import create_routes
from omloop.loop.watch.counts import BucketCounts, counted_path
from omloop.loop.watch.door import door_of
from omloop.monitor import new_id
from omloop.testing.bundles import TABLE, tiny_bundle

REPEATS, ROWS, BUCKET, LOGGED = 5, 20_000, 250, 25_000
WIDE, BUSY = "wide", "busy"
LOOK_S, LOOKS = 2.0, 6


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--columns", type=int, default=500)
    asked.add_argument("--windows", type=int, default=1000)
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Settings(workspace=folder, projects=f"{folder}/none"))
        make_wide(workspace, args.columns, args.windows)
        make_busy(workspace)
        routes = TestClient(create_routes(workspace), base_url="http://127.0.0.1/api/v1")
        for path in (
            f"{WIDE}/drift/history?columns=20",
            f"{WIDE}/drift/columns",
            f"{BUSY}/live",
            f"{BUSY}/predictions",
        ):
            first, *later = [_milliseconds(routes, path) for _ in range(1 + REPEATS)]
            print(f"{path:<32} first {first:7.0f} ms, then {statistics.median(later):6.0f} ms")
        for viewers in (1, 10):
            shares = {kept: _share_of_core(routes, viewers, kept) for kept in (live.KEPT_S, 0.0)}
            told = ", ".join(f"{100 * share:.0f} % where answers are kept {kept:g} s" for kept, share in shares.items())
            print(f"{viewers} looking at {BUSY}/live: {told}")
    print(f"peak of memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


def make_wide(workspace: Workspace, columns: int, windows: int) -> None:
    """A version that observes so many normal columns, and counts of live windows, of which the last tenth moved."""
    chance = np.random.default_rng(0)
    observed = {f"column_{number}": chance.normal(size=ROWS) for number in range(columns)}
    reference = Reference.of(observed, dict.fromkeys(observed, ()), bucket=BUCKET)
    plain = tiny_bundle()
    files = {**plain.files, "reference.json": msgspec.json.encode(reference)}
    bundle = Bundle.seal(replace(plain.manifest, project=WIDE), files)
    registry = workspace.registry(WIDE)
    version = registry.add(bundle, by="benchmark")
    registry.promote(version, expected=None, by="benchmark", reason="benchmark")
    counts = np.zeros((windows, reference.size), np.int64)
    for cells, part in zip(reference.columns.values(), reference.split(counts).values(), strict=True):
        shares = np.array(cells.counts) / ROWS
        part[:] = chance.multinomial(BUCKET, shares, size=windows)
        part[-windows // 10 :] = chance.multinomial(
            BUCKET, shares[::-1] / shares.sum(), size=len(part[-windows // 10 :])
        )
    times = time.time() - 600.0 * np.arange(windows, 0, -1)[:, None] + np.array([0.0, 500.0])
    outside = np.zeros((windows, columns), np.int64)
    refused = np.zeros((windows, len(door_of(bundle.kind))), np.int64)
    counted = BucketCounts(BUCKET, counts, outside, times, refused, rows=BUCKET * windows)
    counted.save(counted_path(workspace.watch(WIDE), version))


def make_busy(workspace: Workspace) -> None:
    """A small version that answered many requests in the last hour."""
    bundle = Bundle.seal(replace(tiny_bundle().manifest, project=BUSY), tiny_bundle().files)
    registry = workspace.registry(BUSY)
    version = registry.add(bundle, by="benchmark")
    registry.promote(version, expected=None, by="benchmark", reason="benchmark")
    row: Mapping[str, object] = {"hours": 1, "age": 20, "sex": "f"}
    (answer,) = bundle.output.answer(Session.of(bundle).predict(TABLE.parse([row])))
    now = time.time()
    log = workspace.predictions(BUSY)
    moments = [now - 3500.0 * (LOGGED - number) / LOGGED for number in range(LOGGED)]
    log.record([Prediction(new_id(), moment, version, row, answer, 1.0) for moment in moments])
    log.close()


def _milliseconds(routes: TestClient, path: str) -> float:
    began = time.perf_counter()
    answer = routes.get(f"/projects/{path}")
    assert answer.status_code == 200, answer.text
    return 1000 * (time.perf_counter() - began)


def _share_of_core(routes: TestClient, viewers: int, kept_s: float) -> float:
    """The CPU time of so many viewers who begin at even distances, by the time that they look."""
    usual, live.KEPT_S = live.KEPT_S, kept_s

    def look(number: int) -> None:
        time.sleep(LOOK_S * number / viewers)
        for _ in range(LOOKS):
            _milliseconds(routes, f"{BUSY}/live")
            time.sleep(LOOK_S)

    began, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(viewers) as people:
        list(people.map(look, range(viewers)))
    live.KEPT_S = usual
    return (time.process_time() - used) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
