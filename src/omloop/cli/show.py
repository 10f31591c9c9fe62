"""Printing: results on standard output as tables or JSON, progress on standard error."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omloop.cli.console import console, is_unicode, style_line
from omloop.cli.tables import Cell, TextTable
from omloop.core import without_secrets

if TYPE_CHECKING:
    from rich.console import Console

    from omloop.core import Estimate

QUIET_S = 5.0
"""How long a redirected command says nothing of its progress."""
Tell = Callable[[str], None]


def show(args: argparse.Namespace, value: object, *lines: Any) -> None:
    """Print `value` as JSON when asked for it, else `lines`: texts, styled texts and tables, each taken literally."""
    if args.json:
        sys.stdout.write(json.dumps(finite(value), indent=2, ensure_ascii=not is_unicode(), allow_nan=False) + "\n")
        return
    out = console()
    for line in lines:
        sys.stdout.writelines(f"{text.rstrip()}\n" for text in _lines(line, out))


def _lines(line: object, out: Console) -> Iterable[str]:
    if isinstance(line, TextTable) and line.is_long:
        return line.lines()
    shown = (
        line.fitted(out.width) if isinstance(line, TextTable) else style_line(line) if isinstance(line, str) else line
    )
    with out.capture() as printed:
        out.print(shown)
    return printed.get().splitlines()


def finite(value: object) -> object:
    """The same JSON value with None for a number that JSON does not have."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], title: str = "") -> TextTable:
    """A table for people."""
    return TextTable(columns, rows, title)


def scores_table(corner: str, names: Sequence[str], lines: Sequence[Sequence[Cell]], title: str = "") -> TextTable:
    """A line for each thing that was scored, its name first; where there are more scores than things, one a score.

    >>> scores_table("model", ["accuracy", "cost"], [["linear", "0.9", "12.0"]]).rows
    [['accuracy', '0.9'], ['cost', '12.0']]
    """
    if len(names) <= len(lines):
        return table([corner, *names], lines, title)
    who, *scores = zip(*lines, strict=True)
    heads = [one if isinstance(one, str) else one[0] for one in who]
    return table([corner, *heads], [[name, *row] for name, row in zip(names, scores, strict=True)], title)


def progress(args: argparse.Namespace, *, always: bool = False) -> Tell:
    """A function that says on standard error what is being done, a line a step.

    It is silent when JSON is wanted, unless --progress asks for lines of JSON too. Where no terminal shows it, it is
    silent for the first seconds unless `always`: what ends soon needs no progress. Not a spinner: training draws its
    own bar.
    """
    if args.json:
        return _tell_json if args.progress else lambda message: None
    out, begun = console(stderr=True), time.monotonic()
    quiet_s = 0.0 if always or sys.stderr.isatty() else QUIET_S

    def tell(message: str) -> None:
        if time.monotonic() - begun >= quiet_s:
            out.print(style_line((f"· {message}", "dim")))

    return tell


def _tell_json(message: str) -> None:
    sys.stderr.write(json.dumps({"progress": without_secrets(message)}) + "\n")
    sys.stderr.flush()


def plain(metrics: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    """Metrics as JSON values."""
    return {name: {"value": found.value, "low": found.low, "high": found.high} for name, found in metrics.items()}
