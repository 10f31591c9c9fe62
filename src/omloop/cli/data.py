"""`omloop data`."""

import argparse

from omloop.cli.overrides import asked, project_arguments
from omloop.cli.show import progress, show, table
from omloop.loop.describe import describe_data

EXAMPLE = "omloop data student_performance data=file data.path=students.csv"
arguments = project_arguments


def run(args: argparse.Namespace) -> int:
    """Check the data and print its parts, its fingerprint and its columns."""
    wanted = asked(args)
    progress(args)(f"data: {wanted.config.data}")
    found = describe_data(wanted.project, wanted.config, wanted.workspace)
    rows = [
        [c["name"], c["low"], c["median"], c["high"], c["missing"], c["words"]]
        for c in ({k: "" if v is None else f"{v}" for k, v in column.items()} for column in found["columns"])
    ]
    show(
        args,
        found,
        f"[bold]{wanted.project.name}[/bold]: {found['source']}",
        f"rows         {found['rows']}: " + ", ".join(f"{n} {part}" for part, n in found["parts"].items()),
        f"fingerprint  {found['fingerprint']}",
        *(f"note         {note}" for note in found["notes"]),
        table(["training column", "low", "median", "high", "missing", "categories"], rows),
    )
    return 0
