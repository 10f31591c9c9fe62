"""`omloop demo`."""

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING

from omloop.cli.console import style_line
from omloop.cli.named import workspace_of
from omloop.cli.show import progress, show, table
from omloop.core import some

if TYPE_CHECKING:
    from omloop.loop.rehearsal.demo import DemoResult

EXAMPLE = "omloop demo"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and whether to keep the server."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="a project's name (default: the setting demo)"
    )
    parser.add_argument(
        "overrides", metavar="KEY=VALUE", nargs="*", help="configuration, such as model=pca_linear for a quicker demo"
    )
    parser.add_argument("--keep", action="store_true", help="keep the server running until Ctrl-C")


def run(args: argparse.Namespace) -> int:
    """Turn the circuit once and say what happened."""
    from omloop.loop.rehearsal.demo import demo_project, show_circuit

    workspace = workspace_of(args)
    name, overrides = args.name, args.overrides
    if "=" in name:  # only configuration was given, for the setting's project
        name, overrides = "", [name, *overrides]
    project = demo_project(name, workspace)
    with show_circuit(project, workspace, overrides, progress(args, always=True)) as shown:
        show(args, as_json(shown), *as_lines(shown))
        if args.keep:
            sys.stderr.write("The server is up; Ctrl-C ends it.\n")
            _until_interrupted()
    return 0


def as_lines(shown: "DemoResult") -> list[object]:
    """What happened, step by step."""
    moved, promoted = shown.watched.seen.moved, shown.promoted
    quiet = "rang falsely" if shown.quiet.rings else "nothing moved, no loss"
    rows = [
        ["turn", f"{shown.first.chosen} {shown.first.version} became champion", ""],
        ["serve", f"live requests as in training: {quiet}", f"{shown.error_before:.2f}"],
        [
            "drift",
            f"a moved cohort: {len(moved)} columns moved, {some(moved, most=3)}",
            f"{shown.error_drifted:.2f}",
        ],
    ]
    rows.append(["turn again", f"{promoted.version} on old and new data is better, and is promoted", ""])
    rows.append(["hot swap", f"in {shown.swap_seconds:.1f} s under traffic", f"{shown.error_after:.2f}"])
    return [
        table(["step", "what happened", f"live {shown.metric}"], rows),
        style_line(f"requests   {shown.requests}, ", (f"{shown.failed} failed", "bold")),
        f"API page   {shown.address}/docs  (--keep leaves it up)",
        f"workspace  {shown.workspace}: runs with plots, versions, predictions",
        f"took       {shown.seconds:.0f} s",
    ]


def as_json(shown: "DemoResult") -> dict[str, object]:
    """The same as JSON."""
    return {
        "project": shown.project,
        "workspace": shown.workspace,
        "first": shown.first.version,
        "second": shown.promoted.version,
        "rang_without_drift": shown.quiet.rings,
        "drift": bool(shown.watched.seen.moved),
        "metric": shown.metric,
        "error_before": shown.error_before,
        "error_drifted": shown.error_drifted,
        "error_after": shown.error_after,
        "requests": shown.requests,
        "failed": shown.failed,
        "swap_seconds": shown.swap_seconds,
        "seconds": shown.seconds,
    }


def _until_interrupted() -> None:
    over = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: over.set())
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    over.wait()
