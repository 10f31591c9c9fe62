"""`omloop watch`."""

import argparse
import json
import math
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.alert import in_words
from omloop.cli.console import is_unicode, style_line, visible
from omloop.cli.durations import seconds
from omloop.cli.fail_on import FAILED
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import finite, progress, show, table
from omloop.core import Alarm, Movement, OmloopError, utc_text
from omloop.loop.project.discover import find_project
from omloop.loop.records.last_look import newest_look
from omloop.loop.watch.alerting import alerts_of, raise_alerts
from omloop.loop.watch.policy import TELL, policy_of, read_policy

if TYPE_CHECKING:
    from omloop.alert import Alert, Alerts
    from omloop.loop import Workspace
    from omloop.loop.watch.policy import Policy
    from omloop.loop.watch.watch import WatchResult

EXAMPLE = "omloop watch student_performance --once --retrain"
STOPS = {"loss": ("loss",), "drift": ("loss", "drift", "broken")}
"""What --fail-on takes, and the signs that it stops at."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, how often, and what to do."""
    name_argument(parser)
    parser.add_argument("--once", action="store_true", help="look once, as a job does")
    parser.add_argument("--last", action="store_true", help="look at nothing: print what the newest look told, as JSON")
    parser.add_argument("--every", type=seconds, default=60.0, metavar="TIME", help="between looks (default: 60s)")
    parser.add_argument("--retrain", action="store_true", help="do what the project's policy says, not only look")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="do what this policy says")
    told = "exit with 3 when labels show a loss, or also when the input drifted or is broken (default: never)"
    parser.add_argument("--fail-on", choices=STOPS, help=f"with --once: {told}")
    parser.add_argument("--promise", action="store_true", help="say what will be seen how soon, and how often it errs")
    parser.add_argument("--server", default="", metavar="URL", help="a server whose errors and latency are watched too")


def run(args: argparse.Namespace) -> int:
    """Look once, or until a signal ends it; what goes wrong in one look is told, and the next one is taken."""
    if args.fail_on and not args.once:
        raise OmloopError("--fail-on is about one look, so it needs --once.")
    workspace = workspace_of(args)
    if args.last:
        return _last(args, workspace)
    policy, alerts = _policy(args, workspace), alerts_of(args.name, workspace)
    if args.promise:
        return _promise(args, workspace, policy)
    if args.once:
        found, raised = _look(args, workspace, policy, alerts)
        show(args, as_json(found, raised), *as_lines(found, raised))
        return FAILED if {*found.seen.signs} & {*STOPS.get(args.fail_on, ())} else 0
    return _keep_looking(args, workspace, policy, alerts)


def _last(args: argparse.Namespace, workspace: "Workspace") -> int:
    told = newest_look(args.name, workspace)
    nothing = f"Nobody has looked at '{args.name}' yet. Look with: omloop watch {args.name} --once"
    show(args, told, nothing if told is None else json.dumps(finite(told), indent=2))
    return 0


def _keep_looking(args: argparse.Namespace, workspace: "Workspace", policy: "Policy", alerts: "Alerts") -> int:
    """Tell what is new of each look: a line, all of it where something rings; with --json a line a look."""
    sys.stderr.write(f"omloop: looks at '{args.name}' every {args.every:g} s, and tells what changes; Ctrl-C ends it\n")
    last = ""
    while True:
        now = utc_text(workspace.clock())
        try:
            found, raised = _look(args, workspace, policy, alerts)
        except OmloopError as error:
            if str(error) != last:
                sys.stderr.write(f"omloop: {now} {visible(str(error))}\n")
            last = str(error)
        else:
            new, last = _gist(found, raised) != last, _gist(found, raised)
            if args.json:
                sys.stdout.write(
                    json.dumps(finite({"time": now, **as_json(found, raised)}), ensure_ascii=not is_unicode()) + "\n"
                )
            elif new:
                show(args, None, f"{now}  {found.seen.version}: {found.action}", *_details(found, raised))
            sys.stdout.flush()
        time.sleep(args.every)


def _gist(found: "WatchResult", raised: "tuple[Alert, ...]") -> str:
    """What a look came to but for its numbers, which differ each time."""
    seen = found.seen
    alarm, warning = ([m.column for m in part.columns] if part else [] for part in (seen.alarm, seen.warning))
    told = (seen.version, alarm, warning, seen.hurt, seen.broken, found.action, [in_words(alert) for alert in raised])
    return re.sub(r"[\d.,]+", "", repr(told))


def _details(found: "WatchResult", raised: "tuple[Alert, ...]") -> list[object]:
    return as_lines(found, raised) if found.rings or found.seen.warning is not None or found.seen.broken else []


def _policy(args: argparse.Namespace, workspace: "Workspace") -> "Policy":
    if args.policy:
        return read_policy(args.policy)
    return policy_of(find_project(args.project, workspace.settings)) if args.retrain else TELL


def _promise(args: argparse.Namespace, workspace: "Workspace", policy: "Policy") -> int:
    from omloop.loop.watch.look import foresight

    progress(args)("promise: simulated on the champion's reference")
    found = foresight(args.name, workspace, policy)
    limit = f"Any false alarm in {found.predictions:,} predictions has a chance of {policy.false_alarms:.1%} at most."
    delays = {what: delay if math.isfinite(delay) else None for what, delay in found.delays.items()}
    value = {"false_alarms": policy.false_alarms, "streams": found.streams, "predictions": found.predictions}
    show(args, {**value, "rang": found.rang, "delays": delays}, limit, found.words)
    return 0


def _look(
    args: argparse.Namespace, workspace: "Workspace", policy: "Policy", alerts: "Alerts"
) -> "tuple[WatchResult, tuple[Alert, ...]]":
    from omloop.loop.watch.signals import signals_of
    from omloop.loop.watch.watch import watch_once

    found = watch_once(args.name, workspace, policy, tell=progress(args))
    signals = signals_of(found.seen, workspace, time.time(), server=args.server, events=found.history)
    return found, raise_alerts(args.name, signals, workspace, time.time(), alerts=alerts)


def as_lines(found: "WatchResult", raised: "tuple[Alert, ...]" = ()) -> list[object]:
    """What was seen, for people."""
    seen = found.seen
    lines: list[object] = [
        style_line(
            (seen.project, "bold"),
            f" {seen.version}: {seen.labelled} labels since it serves; the newest {seen.rows} predictions:",
        )
    ]
    if seen.alarm is not None:
        since = f"moved since bucket {seen.alarm.since} of {seen.buckets}"
        lines.append(table([since, "p", "PSI", "how"], _movements(seen.alarm)))
    elif not seen.collecting and seen.warning is None:
        lines.append(f"input    no column moved in {seen.buckets} buckets")
    if seen.warning is not None:
        lines.append(table(["warning", "p", "PSI", "how"], _movements(seen.warning)))
        lines.append(style_line("warning  ", (seen.warned, "yellow")))
    if seen.promise:
        lines.append(f"promise  {seen.promise}")
    for name, value in seen.live.items():
        tested = f", tested {seen.tested[name]}" if name in seen.tested else ""
        lines.append(f"{name:<8} live {value}{tested}")
    if seen.estimate is not None:
        lines.append(f"estimate error {seen.estimate} by the answers alone; assumes no concept drift")
    lines += [f"broken   {told}" for told in seen.broken]
    verdict = style_line("verdict  ", (seen.verdict, "red" if seen.hurt else ""))
    told = [f"alert    {in_words(alert)}" for alert in raised]
    report = [] if found.report is None else [f"report   {found.report}"]
    return [*lines, verdict, f"action   {found.action}", *told, *report]


def as_json(found: "WatchResult", raised: "tuple[Alert, ...]" = ()) -> dict[str, object]:
    """What was seen, as JSON."""
    from omloop.loop.watch.summary import look_json

    told = look_json(found.seen, found.action, found.events)
    report = None if found.report is None else str(found.report)
    return {**told, "alerts": [in_words(alert) for alert in raised], "report": report}


def _movements(alarm: Alarm) -> list[list[str]]:
    return [[m.column, f"{m.p_value:.1e}", f"{m.distance:.2f}", _how(m)] for m in alarm.columns]


def _how(movement: Movement) -> str:
    """The shift of a number in standard deviations, and the cell whose share grew the most."""
    shift = [f"{movement.effects['shift']:+.2f} sd"] if "shift" in movement.effects else []
    return ", ".join([*shift, *(f"{k} {v:+.0%}" for k, v in movement.effects.items() if k.startswith("more in "))])
