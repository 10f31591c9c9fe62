"""`omloop backtest`."""

import argparse
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.cli.console import style_line
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress, show, table
from omloop.core import ConfigError, write_whole
from omloop.loop.project.discover import find_project
from omloop.loop.watch.policy import TELL, policy_of, read_policy

if TYPE_CHECKING:
    from omloop.loop.rehearsal.backtest_result import Backtest

EXAMPLE = "omloop backtest student_performance --days 30 --policy careful.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, how many days to replay, and which policies."""
    name_argument(parser)
    parser.add_argument(
        "--days", type=float, default=30.0, metavar="N", help="days of predictions to replay (default: 30)"
    )
    parser.add_argument(
        "--policy",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a policy to try; repeat to compare two",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the comparison as a PNG")


def run(args: argparse.Namespace) -> int:
    """Replay the log through each policy, and through none, and compare what would have come of it."""
    from omloop.loop.rehearsal.backtest import backtest

    if not (math.isfinite(args.days) and args.days > 0):
        raise ConfigError(f"--days {args.days:g} is no number of days; give more than 0, such as 30.")
    workspace = workspace_of(args)
    project = find_project(args.project, workspace.settings)
    policies = {path.stem: read_policy(path) for path in args.policy} or {"default": policy_of(project)}
    found = backtest(args.name, workspace, {"only told": TELL, **policies}, days=args.days, tell=progress(args))
    if args.plot:
        from omloop.track import backtest_curves

        curves = {replay.name: [(s.time, s.score) for s in replay.steps] for replay in found.replays}
        write_whole(args.plot, backtest_curves(curves, found.metric))
    show(args, asdict(found), *as_lines(found), *([f"plot  {args.plot}"] if args.plot else []))
    return 0


def as_lines(found: "Backtest") -> list[object]:
    """What would have come of each policy, for people."""
    rows = [
        [
            one.name,
            "" if math.isnan(one.score) else f"{one.score:.3f}",
            str(one.alarms),
            str(one.retrained),
            str(one.promoted),
            str(one.rolled_back),
            f"{one.training_s:.0f} s",
        ]
        for one in found.replays
    ]
    columns = ["policy", f"live {found.metric}", "alarms", "retrained", "promoted", "rolled back", "training"]
    of = f": {found.rows} predictions of {found.days:.1f} days, {found.labelled} labelled"
    about = style_line((found.project, "bold"), of)
    told = f"{found.left_out} of them are not scored: a version that answered had learned from the very rows"
    return [about, table(columns, rows), *([told] if found.left_out else [])]
