"""Which Python functions the time goes to: pyinstrument looks at the stack now and then, and changes nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyinstrument import Profiler

INTERVAL_S = 0.005
"""Between two looks: a look costs some 20 µs."""


@dataclass
class Stacks:
    """What was seen once the context is over: the functions as an indented tree, with seconds, and how long it took."""

    tree: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def stacks() -> Iterator[Stacks]:
    """Look at this thread's stack while the context lasts, also when it ends by an error."""
    seen = Stacks()
    profiler = Profiler(interval=INTERVAL_S, async_mode="disabled")
    profiler.start()
    try:
        yield seen
    finally:
        session = profiler.stop()
        seen.seconds, seen.cpu_seconds = session.duration, session.cpu_time
        # Behind a banner and the place of this very file.
        told = profiler.output_text(unicode=True, color=False)
        seen.tree = told.partition("\nProfile at ")[2].partition("\n")[2].strip()


def peak_bytes() -> int:
    """The most memory that this process has held at once so far; 0 where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:  # on Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
