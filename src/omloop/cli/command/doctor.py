"""`omloop doctor`."""

import argparse
from dataclasses import asdict

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.cli.tables import Cell
from omloop.loop.doctor import examine

EXAMPLE = "omloop doctor"
STYLE = {"ok": "green", "missing": "yellow", "broken": "red"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Try everything and say what works; exit code 1 when something is broken."""
    findings = examine(workspace_of(args))
    rows: list[list[Cell]] = [[f.what, (f.state, STYLE[f.state]), f.detail, f.next_step] for f in findings]
    show(args, [asdict(finding) for finding in findings], table(["what", "", "found", "what to do"], rows))
    return int(any(finding.state == "broken" for finding in findings))
