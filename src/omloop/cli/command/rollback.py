"""`omloop rollback`."""

import argparse

from omloop.cli.named import name_argument, registry_of
from omloop.cli.show import show
from omloop.core import user_name

EXAMPLE = 'omloop rollback student_performance --reason "complaints since noon"'


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and how far back."""
    name_argument(parser)
    parser.add_argument("--to", metavar="VERSION", help="an earlier champion (default: the previous one)")
    parser.add_argument("--reason", default="", help="the reason, for the history")


def run(args: argparse.Namespace) -> int:
    """Put an earlier champion back in charge."""
    registry = registry_of(args)
    before = registry.champion()
    event = registry.rollback(by=user_name(), reason=args.reason, to=args.to)
    value = {"champion": event.champion, "before": before, "reason": args.reason}
    show(args, value, f"champion {event.champion} again (before: {before}); servers pick it up by themselves")
    return 0
