"""`omloop alerts`."""

import argparse
import time
from collections.abc import Mapping

from omloop.alert import (
    Alerts,
    Delivery,
    Silence,
    State,
    in_force,
    in_words,
    read_state,
    ringing,
    send_test,
    silence,
    standing_json,
)
from omloop.cli.durations import seconds
from omloop.cli.moments import local_text
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show
from omloop.core import OmloopError, user_name
from omloop.loop.watch.alerting import alerts_file, alerts_home, alerts_of

EXAMPLE = 'omloop alerts student_performance --silence 2h --because "new sensors are being fitted"'
NEWEST = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and what to do."""
    name_argument(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--test", action="store_true", help="send a test alert to each receiver; exit with 1 if one fails"
    )
    what.add_argument(
        "--silence", type=seconds, metavar="TIME", help="send no alerts for this long; replaces an earlier silence"
    )
    parser.add_argument(
        "--reason", "--because", dest="because", default="", metavar="WHY", help="the reason, which --silence needs"
    )


def run(args: argparse.Namespace) -> int:
    """Show which alerts ring, which it sent and which it still owes; or test, or silence."""
    workspace, now = workspace_of(args), time.time()
    with alerts_home(args.name, workspace) as home:
        if args.silence:
            return _silenced(args, silence(args.name, home, _wanted(args, now)))
        alerts = alerts_of(args.name, workspace)
        if args.test:
            return _tested(args, send_test(alerts, args.name, home, now))
        state, path = read_state(home, args.name), alerts_file(args.name, workspace)
    show(args, standing_json(alerts, state, now), *as_lines(alerts, state, now, str(path or "the defaults")))
    return 0


def as_lines(alerts: Alerts, state: State, now: float, source: str) -> list[str]:
    """How the alerts stand, for people."""
    looked = f"last look {local_text(state.looked)}" if state.looked else "no look yet: omloop watch takes one"
    rings = [f"{name} {_standing(alerts, state, name, now)}" for name in ringing(state)]
    silences = [f"until {local_text(one.end)}: {one.because} ({_of(one)})" for one in in_force(alerts, state, now)]
    told = [f"{local_text(alert.time)} {in_words(alert)}" for alert in state.history[-NEWEST:]]
    lists = {"rings": rings or ["nothing"], "silenced": silences, "told": told}
    lists |= {"owed": [*map(_owed, state.owed)], "given up": [*map(_owed, state.lost)]}
    head = f"{state.project}: {len(alerts.rules)} rules of {source}; {looked}"
    return [head, *(f"{name:<9} {one}" for name, ones in lists.items() for one in ones)]


def _wanted(args: argparse.Namespace, now: float) -> Silence:
    if not args.because:
        raise OmloopError('A silence needs a reason: --because "new sensors are being fitted".')
    return Silence(now, now + args.silence, args.because, by=user_name())


def _silenced(args: argparse.Namespace, state: State) -> int:
    until = state.silence.end if state.silence else 0.0
    show(args, {"silenced": until, "because": args.because}, f"silent until {local_text(until)}: {args.because}")
    return 0


def _tested(args: argparse.Namespace, problems: Mapping[str, str]) -> int:
    lines = [f"{name:<12} {problem or 'ok'}" for name, problem in problems.items()]
    show(args, {name: problem or None for name, problem in problems.items()}, *lines)
    return 1 if any(problems.values()) else 0


def _standing(alerts: Alerts, state: State, name: str, now: float) -> str:
    standing = state.standings[name]
    silent = any(one.covers(name, now) for one in in_force(alerts, state, now))
    words = [f"since {local_text(standing.rings_since or 0.0)}", standing.detail, "silenced" if silent else ""]
    return ", ".join(filter(None, words))


def _of(one: Silence) -> str:
    return ", ".join(one.rules) or "all rules"


def _owed(owed: Delivery) -> str:
    problem = f": {owed.problem}" if owed.problem else ""
    return (
        f"{owed.sink} {owed.alert.rule} {owed.alert.state}, tried {owed.tries} times, "
        f"next {local_text(owed.due)}{problem}"
    )
