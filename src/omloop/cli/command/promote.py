"""`omloop promote`."""

import argparse

from omloop.cli.named import name_argument, registry_of, user
from omloop.cli.show import show
from omloop.core import PromotionError

EXAMPLE = "omloop promote student_performance 4f1c0b"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, VERSION, and how to insist."""
    name_argument(parser)
    parser.add_argument("version", metavar="VERSION", help="a version, or the first digits of one")
    parser.add_argument("--force", action="store_true", help="promote whatever the gate said; needs --reason")
    parser.add_argument("--reason", default="", help="why, for the history")


def run(args: argparse.Namespace) -> int:
    """Promote a version that the gate found better than the present champion, or any with --force."""
    registry = registry_of(args)
    before = registry.champion()
    decision = registry.decision(args.version)
    if args.force and not args.reason:
        raise PromotionError('--force needs a reason for the history: --reason "..."')
    if not args.force and decision is None:
        raise PromotionError(
            f"The gate has not judged {args.version} against the present champion. Run: omloop evaluate {args.name} "
            f'--version {args.version} --gate, or insist: --force --reason "..."'
        )
    if not args.force and decision is not None and not decision.promote:
        raise PromotionError(f'The gate said {decision.verdict}: {decision.reason}. To insist: --force --reason "..."')
    reason = args.reason or (decision.reason if decision else "")
    event = registry.promote(args.version, expected=before, by=user(), reason=reason, insist=args.force)
    value = {"champion": event.champion, "before": before, "reason": reason}
    show(args, value, f"champion {event.champion} (before: {before or 'none'}); servers pick it up by themselves")
    return 0
