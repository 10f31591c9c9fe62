"""`omloop feedback`."""

import argparse

from omloop.cli.fail_on import FAILED
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show
from omloop.core import some
from omloop.loop.serving.feedback import labels_in, one_label, send_feedback

EXAMPLE = "omloop feedback student_performance --csv labels.csv"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and the labels."""
    name_argument(parser)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--csv", "--file", metavar="FILE", help="a CSV with the columns id and label")
    given.add_argument("--id", metavar="ID", help="the id of one prediction, with --label")
    parser.add_argument("--label", help="with --id: the true label")
    about = "exit with 3 if the log lacks a prediction for an id (default: never); it keeps the other labels"
    parser.add_argument("--fail-on", choices=["unknown"], help=about)


def run(args: argparse.Namespace) -> int:
    """Record labels and say what became of each."""
    workspace = workspace_of(args)
    pairs = labels_in(args.csv) if args.csv else one_label(args.id, args.label)
    receipt = send_feedback(args.name, workspace, pairs)
    value = {
        "accepted": receipt.accepted,
        "repeated": receipt.repeated,
        "changed": receipt.changed,
        "unknown": list(receipt.unknown),
    }
    line = f"{receipt.accepted} accepted, {receipt.repeated} said again, {receipt.changed} changed"
    unknown = f"; unknown ids: {some(receipt.unknown, most=5)}" if receipt.unknown else ""
    show(args, value, line + unknown)
    return FAILED if receipt.unknown and args.fail_on else 0
