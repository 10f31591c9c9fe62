"""`omloop data`."""

import argparse
from pathlib import Path

from omloop.cli.console import style_line
from omloop.cli.data_difference import markdown_argument, show_difference
from omloop.cli.overrides import plan_of, project_arguments
from omloop.cli.show import show, table
from omloop.core import OmloopError
from omloop.loop.records.describe import describe_data, look_at, write_report

EXAMPLE = "omloop data student_performance data=file data.path=students.csv"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME and configuration, and where to write a report."""
    project_arguments(parser)
    parser.add_argument("--report", metavar="DIR", type=Path, help="write report.html and report.md to this folder")
    parser.add_argument(
        "--against", metavar="FILE", help="an earlier file of the records: say what came, went, changed and drifted"
    )
    markdown_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Check the data and print its parts, fingerprint, findings and columns."""
    plan = plan_of(args)
    plan.tell(f"data: {plan.config.data}")
    if args.markdown and not args.against:
        raise OmloopError("--markdown writes a difference. Name the earlier records, as --against FILE.")
    if args.against:
        return show_difference(args, plan, args.against)
    looked = look_at(plan)
    found = describe_data(looked)
    written = [str(path) for path in write_report(looked, args.report, plan.workspace)] if args.report else []
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
