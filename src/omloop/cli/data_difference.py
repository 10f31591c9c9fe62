"""What differs between two states of a project's data, for people and as JSON."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from omloop.cli.console import style_line
from omloop.cli.show import show, table
from omloop.core import write_whole
from omloop.loop.project.plan import Plan, data_words
from omloop.loop.records.compare import DataDiff, compare_data, diff_counts, diff_markdown
from omloop.report import moved_text, movement_row


def markdown_argument(parser: argparse.ArgumentParser) -> None:
    """Add --markdown."""
    parser.add_argument(
        "--markdown", metavar="FILE", type=Path, help="write the difference as Markdown, for a pull request"
    )


def show_difference(args: argparse.Namespace, plan: Plan, earlier: Path | str, *, named: str = "") -> int:
    """Compare with the earlier records in a file, called `named`, and print what differs."""
    words = [*plan.config.overrides, *data_words(earlier)]
    old = Plan.of(plan.project, words, plan.workspace, by=plan.by, tell=plan.tell)
    found = compare_data(old, plan, named=named)
    if args.markdown:
        write_whole(args.markdown, diff_markdown(found).encode())
    moved = [movement for movement in found.drift.columns if movement.moved]
    show(
        args,
        _difference_json(found),
        style_line((plan.project.name, "bold"), f": {found.before} -> {found.after}"),
        *(f"{name:<10}{count:>10,}" for name, count in diff_counts(found).items()),
        *(f"new column {name}" for name in found.records.new_columns),
        *(f"no column  {name} any more" for name in found.records.lost_columns),
        *([table(["column", "changed records"], _counted(found.records.columns))] if found.records.columns else []),
        moved_text(found.drift),
        *([table(["column", "p-value", "distance (PSI)", "shift"], list(map(movement_row, moved)))] if moved else []),
        *([f"written    {args.markdown}"] if args.markdown else []),
    )
    return 0


def _counted(columns: Mapping[str, int]) -> list[list[str]]:
    return [[name, f"{count:,}"] for name, count in sorted(columns.items(), key=lambda item: -item[1])]


def _difference_json(found: DataDiff) -> dict[str, object]:
    return {
        "project": found.project,
        "before": found.before,
        "after": found.after,
        "named_by": found.named_by or None,
        "records": diff_counts(found),
        "changed_columns": dict(found.records.columns),
        "new_columns": list(found.records.new_columns),
        "lost_columns": list(found.records.lost_columns),
        "moved": [asdict(movement) for movement in found.drift.columns if movement.moved],
        "tested_columns": len(found.drift.columns),
    }
