"""`omloop doctor`."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.cli.tables import Cell
from omloop.core import Diagnosis
from omloop.loop.deploy.google import cloud_delivery
from omloop.loop.doctor import examine

EXAMPLE = "omloop doctor"
STYLE = {"ok": "green", "missing": "yellow", "broken": "red"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to look at the cloud, with which project."""
    parser.add_argument("--cloud", metavar="NAME", help="check what this project needs to deploy to Google Cloud")
    parser.add_argument(
        "--root", type=Path, default=Path(), metavar="DIR", help="with --cloud, the repository (default: this folder)"
    )


def run(args: argparse.Namespace) -> int:
    """Check everything and say what works; exit with 1 if something is broken."""
    findings = _of_cloud(args) if args.cloud else examine(workspace_of(args))
    rows: list[list[Cell]] = [[f.what, (f.state, STYLE[f.state]), f.detail, f.next_step] for f in findings]
    show(args, [asdict(finding) for finding in findings], table(["what", "", "found", "what to do"], rows))
    return int(any(finding.state == "broken" for finding in findings))


def _of_cloud(args: argparse.Namespace) -> Sequence[Diagnosis]:
    return cloud_delivery(args.cloud, workspace_of(args), args.root).examine()
