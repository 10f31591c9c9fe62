"""`omloop promote`."""

import argparse

from omloop.cli.named import name_argument, registry_of
from omloop.cli.notify import notify_argument, notify_of
from omloop.cli.show import show
from omloop.core import user_name
from omloop.loop.deploy.notify import Promotion, tell_promotion
from omloop.loop.version.promote import promote_version

EXAMPLE = "omloop promote student_performance 4f1c0b"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, VERSION, and how to insist."""
    name_argument(parser)
    parser.add_argument("version", metavar="VERSION", help="a version, or its first digits")
    parser.add_argument("--force", action="store_true", help="promote even if the gate refused; needs --reason")
    parser.add_argument("--reason", default="", help="the reason, for the history")
    notify_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Promote a version that the gate found better than the present champion, or any with --force.

    If the version is already champion, the command only says so: a second run of a job ends like the first.
    """
    registry, notify = registry_of(args), notify_of(args)
    before = registry.champion()
    if before and [one for one in registry.versions() if one.startswith(args.version.lower())] == [before]:
        told = notify(Promotion(args.name, before, None, args.reason)) if notify else ""
        value: dict[str, object] = {"champion": before, "before": before, "reason": ""}
        value |= {"told": told} if told else {}
        show(args, value, f"champion {before} already; " + (f"told {told} of it" if told else "nothing to do"))
        return 0
    event = promote_version(registry, args.name, args.version, by=user_name(), reason=args.reason, force=args.force)
    value = {"champion": event.champion, "before": before, "reason": event.reason}
    line = f"champion {event.champion} (before: {before or 'none'}); servers pick it up by themselves"
    if notify is None:
        show(args, value, line)
        return 0
    told = tell_promotion(notify, Promotion(args.name, str(event.champion), before, event.reason))
    show(args, {**value, "told": told}, line, f"told {told}: its workflow tests this version and deploys it")
    return 0
