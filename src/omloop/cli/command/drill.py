"""`omloop drill`."""

import argparse
from dataclasses import asdict

from omloop.cli.overrides import plan_of, project_arguments
from omloop.cli.show import progress, show, table
from omloop.cli.tables import Cell

EXAMPLE = "omloop drill student_performance data.rows=2000 model=linear"
arguments = project_arguments


def run(args: argparse.Namespace) -> int:
    """Hold every drill and print what came of each; exit code 1 if one did not end as it must."""
    from omloop.loop.rehearsal.drill import drill

    plan = plan_of(args)
    found = list(drill(plan.project, plan.workspace, args.overrides, tell=progress(args, always=True)))
    rows: list[list[Cell]] = [
        [
            one.name,
            ("yes", "green") if one.good else ("no", "red"),
            "" if one.predictions is None else str(one.predictions),
            one.outcome,
        ]
        for one in found
    ]
    good = sum(one.good for one in found)
    lines = table(["what went wrong", "as it must", "predictions", "what came of it"], rows)
    show(args, [asdict(one) for one in found], lines, f"{good} of {len(found)} drills ended as they must")
    return 0 if good == len(found) else 1
