"""How far a batch is, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from omloop.cli.console import console
from omloop.cli.show import Tell, progress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from omloop.loop.serving.batch.batch import BatchProgress

LINE_S = 10.0
"""Between two lines where no terminal shows a bar."""


class Shown:
    """Shows how far a batch is, and tells what else there is to say."""

    def __init__(self, tell: Tell, bar: Progress | None, task: TaskID | None) -> None:
        self.tell = tell
        self._bar, self._task = bar, task
        self._told = time.monotonic()

    def __call__(self, found: BatchProgress) -> None:
        """Show it, if it is time."""
        words = words_of(found)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=found.share, description=words)
        elif time.monotonic() - self._told >= LINE_S:
            self._told = time.monotonic()
            self.tell(f"{found.share:.0%}, {words}")


@contextmanager
def batch_progress(args: argparse.Namespace) -> Iterator[Shown]:
    """The progress display of a batch; nothing with --json."""
    tell = progress(args)
    if args.json or not sys.stderr.isatty():
        yield Shown(tell, None, None)
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        yield Shown(tell, bar, bar.add_task("reading", total=1.0))


def words_of(found: BatchProgress) -> str:
    """Rows so far, how fast, and how long it will take.

    >>> from omloop.loop.serving.batch.batch import BatchProgress
    >>> words_of(BatchProgress(50_000, 12, 0.25, 1234.5, 75.2))
    '50,000 rows (12 set aside), 1,234 a second, 0:01:15 left'
    """
    aside = f" ({found.set_aside:,} set aside)" if found.set_aside else ""
    left = timedelta(seconds=int(found.left_s))
    return f"{found.rows:,} rows{aside}, {found.rows_per_s:,.0f} a second, {left} left"
