"""How quiet a machine was while something was measured: what others took of it, and how long servers waited for a core.

Figures of a machine that others used say who waits longer for a turn, so rows of such a run are not to be published.
Needs Linux: /proc/stat, and schedstat of each task (https://docs.kernel.org/scheduler/sched-stats.html).
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness import ticks, tree

MOST = 0.05
"""Share of all cores that others, and the hypervisor, may take: a tenth of one core of two."""


@dataclass(frozen=True)
class Moment:
    """What had been counted by now: ticks of the machine, of it ours and stolen, and nanoseconds in run queues."""

    total: int
    busy: int
    stolen: int
    ours: int
    waited: int
    seconds: float

    @classmethod
    def now(cls, servers: Sequence[int]) -> "Moment":
        """Now, with the run queues of the process trees of `servers`; ours are this process and all below it."""
        line = Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]
        user, nice, system, idle, iowait, irq, softirq, stolen = map(int, line)
        total = user + nice + system + idle + iowait + irq + softirq + stolen
        ours = sum(ticks(pid) for pid in tree(os.getpid()))
        waited = sum(_waited(pid) for server in servers for pid in tree(server))
        return cls(total, user + nice + system, stolen, ours, waited, time.perf_counter())


@dataclass(frozen=True)
class Noise:
    """Shares of the machine that others and the hypervisor took, and of the time that servers waited for a core."""

    others: float
    stolen: float
    waited: float

    @classmethod
    def since(cls, before: Moment, servers: Sequence[int]) -> "Noise":
        """What there was between two moments."""
        after = Moment.now(servers)
        total = max(1, after.total - before.total)
        others = after.busy - before.busy - (after.ours - before.ours)
        waited = (after.waited - before.waited) / 1e9 / max(1e-9, after.seconds - before.seconds)
        return cls(max(0, others) / total, (after.stolen - before.stolen) / total, waited)

    @property
    def is_loud(self) -> bool:
        """Whether what was measured meanwhile is not to be published."""
        return self.others + self.stolen > MOST

    def __str__(self) -> str:
        told = f"others took {self.others:.1%} of the cores, {self.stolen:.1%} was stolen"
        return f"{told}, servers waited for a core {self.waited:.1%} of the time"

    def require_quiet(self, words: argparse.Namespace) -> None:
        """Tell it, and end here where it was loud and `--loud` does not ask for the rows all the same."""
        print(self)
        if not self.is_loud:
            return
        if not words.loud:
            sys.exit(f"Not quiet (at most {MOST:.0%} together): nothing to publish. See the rows with --loud.")
        print(f"NOT QUIET (at most {MOST:.0%} together): do not publish these rows")


def add_loud(parser: argparse.ArgumentParser) -> None:
    """The option that prints rows of a machine that others used."""
    parser.add_argument("--loud", action="store_true", help="print the rows of a machine that others used, too")


def _waited(pid: int) -> int:
    waited = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            waited += int(task.read_text().split()[1])
    return waited
