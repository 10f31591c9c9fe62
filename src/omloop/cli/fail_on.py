"""An exit code that says what the gate said, so that a pipeline can stop."""

import argparse

from omloop.core import Decision

FAILED = 3
VERDICTS = {"worse": ("worse",), "unsure": ("worse", "not enough evidence")}
"""What --fail-on takes, and the verdicts that it stops at."""


def fail_on_argument(parser: argparse.ArgumentParser) -> None:
    """Add --fail-on."""
    about = "exit with 3 if the gate finds the version worse, or also if it is unsure (default: never)"
    parser.add_argument("--fail-on", choices=VERDICTS, help=about)


def exit_code(args: argparse.Namespace, decision: Decision | None, *, in_charge: bool = False) -> int:
    """3 where the gate said what --fail-on stops at, else 0; a version that is champion passes."""
    stops = VERDICTS.get(args.fail_on or "", ())
    return FAILED if decision is not None and decision.verdict in stops and not in_charge else 0
