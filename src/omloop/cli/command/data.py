"""`omloop data`."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from omloop.cli.console import style_line
from omloop.cli.overrides import plan_of, project_arguments
from omloop.cli.show import show, table
from omloop.core import OmloopError, write_whole
from omloop.loop.project.plan import Plan, data_words
from omloop.loop.records.compare import DataDiff, compare_data, diff_counts, diff_markdown
from omloop.loop.records.describe import describe_data, look_at, write_report
from omloop.report import moved_text, movement_row

EXAMPLE = "omloop data student_performance data=file data.path=students.csv"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME and configuration, and where to write a report."""
    project_arguments(parser)
    parser.add_argument("--report", metavar="DIR", type=Path, help="write report.html and report.md into this folder")
    parser.add_argument(
        "--against", metavar="FILE", help="an earlier state of the records: say what came, went, changed and moved"
    )
    parser.add_argument(
        "--markdown", metavar="FILE", type=Path, help="with --against: write the difference for a pull request"
    )


def run(args: argparse.Namespace) -> int:
    """Check the data and print its parts, its fingerprint, what is odd and its columns."""
    plan = plan_of(args)
    plan.tell(f"data: {plan.config.data}")
    if args.markdown and not args.against:
        raise OmloopError("--markdown writes a difference. Name the earlier records, as --against FILE.")
    if args.against:
        return _show_difference(args, plan)
    looked = look_at(plan)
    found = describe_data(looked)
    written = [str(path) for path in write_report(looked, args.report)] if args.report else []
    rows = [
        [c["name"], c["low"], c["median"], c["high"], c["missing"], c["words"]]
        for c in ({k: "" if v is None else f"{v}" for k, v in column.items()} for column in found["columns"])
    ]
    show(
        args,
        found | ({"report": written} if written else {}),
        style_line((plan.project.name, "bold"), f": {found['source']}"),
        f"rows         {found['rows']}: " + ", ".join(f"{n} {part}" for part, n in found["parts"].items()),
        f"fingerprint  {found['fingerprint']}",
        *(f"note         {note}" for note in found["notes"]),
        *(f"report       {path}" for path in written),
        table(["training column", "low", "median", "high", "missing", "categories"], rows),
    )
    return 0


def _show_difference(args: argparse.Namespace, plan: Plan) -> int:
    """Compare with the earlier records, and print what differs."""
    words = [*args.overrides, *data_words(args.against)]
    old = Plan.of(plan.project, words, plan.workspace, by=plan.by, tell=plan.tell)
    found = compare_data(old, plan)
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
