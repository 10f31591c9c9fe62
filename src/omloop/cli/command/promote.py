"""`omloop promote`."""

import argparse

from omloop.cli.named import name_argument, registry_of
from omloop.cli.show import show
from omloop.core import user_name
from omloop.loop.version.promote import promote_version

EXAMPLE = "omloop promote student_performance 4f1c0b"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, VERSION, and how to insist."""
    name_argument(parser)
    parser.add_argument("version", metavar="VERSION", help="a version, or the first digits of one")
    parser.add_argument("--force", action="store_true", help="promote whatever the gate said; needs --reason")
    parser.add_argument("--reason", default="", help="why, for the history")


def run(args: argparse.Namespace) -> int:
    """Promote a version that the gate found better than the present champion, or any with --force.

    Of the version in charge nothing is left to do: a job that is run again ends as the first one did.
    """
    registry = registry_of(args)
    before = registry.champion()
    if [one for one in registry.versions() if one.startswith(args.version.lower())] == [before]:
        show(args, {"champion": before, "before": before, "reason": ""}, f"champion {before} already; nothing to do")
        return 0
    event = promote_version(registry, args.name, args.version, by=user_name(), reason=args.reason, force=args.force)
    value = {"champion": event.champion, "before": before, "reason": event.reason}
    show(args, value, f"champion {event.champion} (before: {before or 'none'}); servers pick it up by themselves")
    return 0
