"""What variants of a model take, measured side by side: in turns, so that a busy machine slows all of them alike."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from omloop.bundle import Session
from omloop.core import ExampleArray

LEAST_TURNS, MOST_TURNS = 15, 300
"""Few enough for a model of a second a batch; 300 have three turns beyond the 99th percentile."""


@dataclass(frozen=True)
class Timing:
    """Times of one variant: the median and the 99th percentile of a run in milliseconds, and rows a second of CPU time.

    `faster` is how many times less it took than the first variant did in the same turn, the median over all turns.
    """

    p50_ms: float
    p99_ms: float
    faster: float
    rows_a_second: float


def time_sessions(
    sessions: Mapping[str, Session], examples: ExampleArray, *, batch: int, within_s: float
) -> dict[str, Timing]:
    """Let every session answer the same `batch` of examples in each turn, others in the next.

    There are `LEAST_TURNS` turns at least, and no more once `within_s` seconds are over. The sessions ought to have one
    thread each.
    """
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in sessions}
    names, ends = list(sessions), time.perf_counter() + within_s
    for turn in range(MOST_TURNS + 1):
        if turn > LEAST_TURNS and time.perf_counter() > ends:
            break
        rows = examples[(turn * batch + np.arange(batch)) % len(examples)]
        shift = turn % len(names)
        for name in [*names[shift:], *names[:shift]]:
            runs[name].append(_seconds(sessions[name], rows))
    # The first turn warms up.
    wall = {name: np.array([one for one, _ in found[1:]]) for name, found in runs.items()}
    cpu = {name: sum(one for _, one in found[1:]) / len(found[1:]) for name, found in runs.items()}
    first = wall[names[0]]
    return {
        name: Timing(
            p50_ms=1000 * float(np.median(wall[name])),
            p99_ms=1000 * float(np.quantile(wall[name], 0.99)),
            faster=float(np.median(first / wall[name])),
            rows_a_second=batch / max(cpu[name], 1e-9),
        )
        for name in names
    }


def _seconds(session: Session, rows: ExampleArray) -> tuple[float, float]:
    """Wall time and CPU time of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    session.run(rows)
    return time.perf_counter() - wall, time.process_time() - cpu
