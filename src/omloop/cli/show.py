"""Printing: results on standard output as tables or JSON, progress on standard error."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omloop.core import Estimate

Tell = Callable[[str], None]


def show(args: argparse.Namespace, value: Any, *lines: Any) -> None:
    """Print `value` as JSON when asked for it, else `lines`: texts and Rich tables."""
    if args.json:
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 110)
    for line in lines:
        console.print(line)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> Any:
    """A table for people."""
    from rich import box
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, title_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def progress(args: argparse.Namespace, *, always: bool = False) -> Tell:
    """A function that says on standard error what is being done, a line a step.

    It is silent when JSON is wanted, or when nobody looks unless `always`. Not a spinner: training draws its own bar.
    """
    if args.json or not (always or sys.stderr.isatty()):
        return lambda message: None
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    return lambda message: console.print(f"[dim]· {message}[/dim]")


def words_of(estimate: Estimate) -> str:
    """An estimate with its interval, as precise as its size allows.

    >>> from omloop.core import Estimate
    >>> words_of(Estimate(0.8614, 0.84, 0.88)), words_of(Estimate(13.98, 13.124, 14.778))
    ('0.861 [0.840, 0.880]', '14.0 [13.1, 14.8]')
    """
    digits = 3 if abs(estimate.value) < 1 else 2 if abs(estimate.value) < 10 else 1
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def plain(metrics: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    """Metrics as JSON values."""
    return {name: {"value": found.value, "low": found.low, "high": found.high} for name, found in metrics.items()}
