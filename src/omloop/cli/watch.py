"""`omloop watch`."""

import argparse
import time
from typing import Any

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import plain, progress, show, table, words_of
from omloop.cli.turn import as_json as turned_json
from omloop.loop.serving import require_known
from omloop.loop.watch import Policy, Watched, watch_once

EXAMPLE = "omloop watch student_performance --once --retrain"
ALARM = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, how often, and what to do."""
    name_argument(parser)
    parser.add_argument("--once", action="store_true", help="look once; exit code 3 when there is something to tell")
    parser.add_argument("--every", type=float, default=60.0, metavar="S", help="seconds between looks (default: 60)")
    parser.add_argument("--newest", type=int, default=Policy.newest, help="predictions in a window (default: 1000)")
    parser.add_argument("--least", type=int, default=Policy.least, help="predictions, and new labels, it takes (200)")
    parser.add_argument("--level", type=float, default=Policy.level, help="share of quiet windows that may ring (0.01)")
    parser.add_argument("--retrain", action="store_true", help="turn again when it is due")


def run(args: argparse.Namespace) -> int:
    """Look once, or until a signal ends it."""
    workspace = workspace_of(args)
    require_known(args.name, workspace)
    policy = Policy(newest=args.newest, least=args.least, level=args.level, retrain=args.retrain)
    while True:
        found = watch_once(args.name, workspace, policy, tell=progress(args))
        show(args, as_json(found), *as_lines(found))
        if args.once:
            return ALARM if found.rings else 0
        time.sleep(args.every)


def as_lines(found: Watched) -> list[Any]:
    """What was seen, for people."""
    lines: list[Any] = [
        f"[bold]{found.project}[/bold] {found.version}: {found.rows} predictions, {found.labelled} labelled"
    ]
    if found.drift is not None:
        moved = [column for column in found.drift.columns if column.moved]
        rows = [[m.column, f"{m.p_value:.1e}", f"{m.distance:.2f}"] for m in moved]
        lines.append(table(["moved", "p (adjusted)", "PSI"], rows) if rows else "input    no column moved")
    for name, value in found.live.items():
        lines.append(f"{name:<8} live {words_of(value)}, tested {words_of(found.tested[name])}")
    verdict = "[red]it hurts[/red]" if found.hurt else "no loss shown" if found.live else "too few labels to tell"
    return [*lines, f"verdict  {verdict}", f"action   {found.action}"]


def as_json(found: Watched) -> dict[str, Any]:
    """What was seen, as JSON."""
    columns = [] if found.drift is None else found.drift.columns
    return {
        "project": found.project,
        "version": found.version,
        "rows": found.rows,
        "labelled": found.labelled,
        "drift": None if found.drift is None else found.drift.moved,
        "columns": [
            {"column": m.column, "p_value": m.p_value, "distance": m.distance, "moved": m.moved} for m in columns
        ],
        "live": plain(found.live),
        "tested": plain(found.tested),
        "hurt": found.hurt,
        "action": found.action,
        "turned": None if found.turned is None else turned_json(found.turned),
    }
