"""`omloop compare`."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show, table
from omloop.core import write_whole
from omloop.loop.runs.compare import compare_runs
from omloop.loop.runs.pictures import picture_runs
from omloop.report import APART, Comparison, comparison_json, comparison_page, difference, score_text

EXAMPLE = "omloop compare student_performance 3f9c1a c0526e --html runs.html"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the runs, and where to write a page."""
    name_argument(parser)
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="two runs or more: names, or parts of names that fit no other run"
    )
    parser.add_argument(
        "--html", metavar="FILE", type=Path, help="write one page that overlays the curves and shows plots side by side"
    )


def run(args: argparse.Namespace) -> int:
    """Print what the runs scored and in what they differ, and write the page."""
    found = (picture_runs if args.html else compare_runs)(args.name, args.runs, workspace_of(args))
    if args.html:
        write_whole(args.html, comparison_page(found).encode())
    written = {"page": str(args.html)} if args.html else {}
    pages = [f"page  {args.html}"] if args.html else []
    show(args, comparison_json(found) | written, *_lines(found), *pages)
    return 0


def _lines(found: Comparison) -> list[object]:
    scores = [
        [name, *map(score_text, of), *(difference(of[0], other) for other in of[1:])]
        for name, of in found.metrics.items()
    ]
    first, *others = found.labels
    models = [[name, *map(score_text, of)] for name, of in found.models.items()]
    apart = any(cell.endswith("*") for row in scores for cell in row[len(found.labels) + 1 :])
    columns = ["metric", *found.labels, *(f"{other} - {first}" for other in others)]
    about = {name: cells for name, cells in found.about.items() if name != "run"}
    return [
        *(f"{label}  {name}" for label, name in zip(found.labels, found.runs, strict=True) if label != name),
        _rows("", found, about),
        table(columns, scores, "Metrics") if scores else "metrics        none",
        *([APART] if apart else []),
        *([table(["model", *found.labels], models, f"Models, {found.metric} on validation rows")] if models else []),
        _rows("Configuration that differs", found, found.settings),
        _rows("Data", found, found.data),
        _rows("Code", found, found.code),
        _rows("Packages that differ", found, found.packages),
        *(f"note  {note}" for note in found.notes),
    ]


def _rows(title: str, found: Comparison, rows: Mapping[str, Sequence[str]]) -> object:
    if not rows:
        return f"{title}: nothing"
    return table(["", *found.labels], [[name, *cells] for name, cells in rows.items()], title)
