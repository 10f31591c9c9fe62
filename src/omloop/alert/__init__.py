"""Alerts: raised when something changes, told once, and delivered even if that takes a while."""

from omloop.alert.alert import Alert, in_words
from omloop.alert.config import Alerts, default_alerts, read_alerts
from omloop.alert.evaluate import evaluate_rules
from omloop.alert.look import look, send_test, silence
from omloop.alert.memory import STATE, exclusive, read_state
from omloop.alert.rules import DEFAULT_RULES, MetricKind, Rule, Signal, Signals, Silence
from omloop.alert.sinks import SINKS, Sink
from omloop.alert.standing import in_force, ringing, standing_json
from omloop.alert.state import Delivery, RuleState, State
from omloop.alert.webhook import signature

__all__ = [
    "DEFAULT_RULES",
    "SINKS",
    "STATE",
    "Alert",
    "Alerts",
    "Delivery",
    "MetricKind",
    "Rule",
    "RuleState",
    "Signal",
    "Signals",
    "Silence",
    "Sink",
    "State",
    "default_alerts",
    "evaluate_rules",
    "exclusive",
    "in_force",
    "in_words",
    "look",
    "read_alerts",
    "read_state",
    "ringing",
    "send_test",
    "signature",
    "silence",
    "standing_json",
]
