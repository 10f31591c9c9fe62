"""`omloop versions`."""

import argparse

from omloop.cli.command import history
from omloop.cli.moments import seconds_at
from omloop.cli.named import name_argument, registry_of
from omloop.cli.show import plain, show, table
from omloop.core import Estimate
from omloop.register import Registry

EXAMPLE = "omloop versions student_performance --at 2026-11-21T14:00"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and what to show of it."""
    name_argument(parser)
    parser.add_argument("--history", action="store_true", help="the same as omloop history, which replaces it")
    parser.add_argument("--at", metavar="TIME", help="show what was live at this time (UTC, such as 2026-11-21T14:00)")


def run(args: argparse.Namespace) -> int:
    """List versions, or the history, or what was live at a time."""
    registry = registry_of(args)
    if args.at:
        return _at(args, registry)
    if args.history:
        args.last = 0
        return history.run(args)
    return _versions(args, registry)


def _versions(args: argparse.Namespace, registry: Registry) -> int:
    champion = registry.champion()
    found, rows = [], []
    scored: list[dict[str, Estimate]] = []
    names: dict[str, None] = {}  # in order, each once
    for version in registry.versions():
        manifest = registry.manifest(version)
        made, metrics = manifest.lineage, dict(manifest.tested)
        scored.append(metrics)
        names |= dict.fromkeys([*(name for name in manifest.output().metrics if name in metrics), *metrics])
        about = {"version": version, "champion": version == champion, "model": made.model, "made": made.created}
        found.append(about | {"data": made.data_source, "run": made.run, "metrics": plain(metrics)})
        rows.append(["*" if version == champion else "", version, made.model, made.created[:16].replace("T", " ")])
    for row, metrics in zip(rows, scored, strict=True):
        row += [str(metrics[name]) if name in metrics else "" for name in names]
    nothing = f"'{args.name}' has no version yet. Make one with: omloop turn {args.name}"
    show(args, found, table(["champion", "version", "model", "made", *names], rows) if rows else nothing)
    return 0


def _at(args: argparse.Namespace, registry: Registry) -> int:
    version = registry.at(seconds_at(args.at))
    show(args, {"at": args.at, "version": version}, version or f"Nothing was live at {args.at}.")
    return 0
