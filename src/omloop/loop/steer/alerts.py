"""Alerts of a project: how they stand, and a silence for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.alert import Silence, read_state, silence, standing_json
from omloop.core import command_line, explain_missing
from omloop.loop.watch.alerting import alerts_file, alerts_home, alerts_of

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest

MOST_SECONDS = 90 * 86_400
"""A longer silence is a rule to take away."""


def alerts(request: SteerRequest) -> dict[str, object]:
    """The alerts that ring, are silenced, were sent and are still owed; the rules, and their file."""
    name, workspace, now = request.project, request.workspace, request.workspace.clock()
    with explain_missing("Alerts"), alerts_home(name, workspace) as home:
        known, state = alerts_of(name, workspace), read_state(home, name)
    path = alerts_file(name, workspace)
    said = state.standings
    return {
        **standing_json(known, state, now),
        "conditions": [
            {
                "rule": rule.name,
                "metric": rule.metric,
                "condition": rule.condition,
                "severity": rule.severity,
                "value": said[rule.name].value if rule.name in said else None,
                "text": said[rule.name].detail if rule.name in said else "",
            }
            for rule in known.rules
        ],
        "source": path.name if path else "the defaults",
        "command": command_line("omloop", "alerts", name),
    }


def silence_alerts(request: SteerRequest) -> dict[str, object]:
    """Send no alerts for that many seconds, in place of an earlier silence."""
    seconds, reason = (
        request.amount("seconds", "number of seconds", most=MOST_SECONDS),
        request.text("reason", required=True),
    )
    now = request.workspace.clock()
    with alerts_home(request.project, request.workspace) as home:
        state = silence(request.project, home, Silence(now, now + seconds, reason, by=request.by))
    until = state.silence.end if state.silence else now
    command = command_line("omloop", "alerts", request.project, silence=f"{seconds:g}s", reason=reason)
    return {"silenced": until, "because": reason, "by": request.by, "command": command}
