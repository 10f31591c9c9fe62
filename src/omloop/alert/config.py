"""alerts.yaml: which rules, which sinks, and when nobody wants to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omloop.alert.log import LogSink
from omloop.alert.rules import DEFAULT_RULES, SEVERITIES, MetricKind, Rule, Severity, Silence
from omloop.alert.section import Section
from omloop.alert.sinks import SINKS, Sink
from omloop.alert.textfile import Textfile
from omloop.core import ConfigError, did_you_mean

BOARD = "prometheus"
RULE_KEYS = ("metric", "above", "below", "resolve", "window", "for", "severity")


@dataclass(frozen=True)
class Alerts:
    """The rules and receivers: `sinks` by name hear of changes, `boards` show the state of everything."""

    rules: tuple[Rule, ...] = DEFAULT_RULES
    sinks: Mapping[str, Sink] = field(default_factory=lambda: {"log": LogSink()})
    boards: tuple[Textfile, ...] = ()
    maintenance: tuple[Silence, ...] = ()


def default_alerts(home: Path) -> Alerts:
    """The default without a file: drift and loss, to the log and as a text for Prometheus in `home`."""
    return Alerts(boards=(Textfile(home),))


def read_alerts(path: Path, metrics: Mapping[str, MetricKind], home: Path) -> Alerts:
    """The file at `path`, with defaults for missing parts.

    `metrics` are those that a rule may ask for. Files of sinks lie in `home` unless the file says otherwise. Raises
    ConfigError, with the line, for an unknown key, a wrong type or a contradiction, and MissingExtraError without a
    reader of YAML.
    """
    from omloop.alert.yaml import read_yaml  # the extra `watch`, which those without such a file need not have

    section, usual = read_yaml(path), default_alerts(home)
    section.only("rules", "sinks", "maintenance")
    rules, sinks, boards = usual.rules, usual.sinks, usual.boards
    if "rules" in section.values:
        rules = tuple(_rule(name, one, metrics) for name, one in section.sections("rules").items())
    if "sinks" in section.values:
        kinds = {name: (_kind(name, one), one) for name, one in section.sections("sinks").items()}
        sinks = {name: SINKS.load(kind)(_rest(one), home) for name, (kind, one) in kinds.items() if kind != BOARD}
        boards = tuple(_board(_rest(one), home) for kind, one in kinds.values() if kind == BOARD)
    windows = section.sections("maintenance").items()
    return Alerts(rules, sinks, boards, tuple(_silence(name, one, rules) for name, one in windows))


def _rule(name: str, section: Section, metrics: Mapping[str, MetricKind]) -> Rule:
    section.only(*RULE_KEYS)
    metric = section.needed("metric")
    if metric not in metrics:
        raise section.wrong("metric", f"one of {', '.join(metrics)}", metrics)
    severity: Severity = next(one for one in SEVERITIES if one == section.choice("severity", SEVERITIES, "warning"))
    above, below, resolve = (section.number(key) for key in ("above", "below", "resolve"))
    if metrics[metric] == "number" and above is None and below is None:
        raise section.refusal(f"{metric} is a number, so it needs a threshold: above or below.")
    if metrics[metric] == "state" and (above is not None or below is not None):
        raise section.refusal(f"{metric} is on or off, so it takes no threshold.")
    try:
        return Rule(name, metric, above, below, resolve, section.seconds("window"), section.seconds("for"), severity)
    except ConfigError as error:
        raise section.refusal(str(error)) from error


def _kind(name: str, section: Section) -> str:
    known = [*SINKS.names(), BOARD]
    kind = section.text("kind") or name
    if kind in known:
        return kind
    hint = "" if section.text("kind") else " A sink of another name says its kind."
    raise section.refusal(
        f"no kind of sink is called '{kind}'.{did_you_mean(kind, known)} There are: {_all(known)}.{hint}"
    )


def _rest(section: Section) -> Section:
    """The section without its kind, which is none of the sink's business."""
    values = {key: value for key, value in section.values.items() if key != "kind"}
    return Section(section.what, section.path, section.line, values, section.lines)


def _board(section: Section, home: Path) -> Textfile:
    section.only("folder")
    return Textfile(Path(section.text("folder") or home).expanduser())


def _silence(name: str, section: Section, rules: Sequence[Rule]) -> Silence:
    section.only("from", "until", "rules")
    known = [rule.name for rule in rules]
    for rule in section.names("rules"):
        if rule not in known:
            raise section.refusal(
                f"no rule is called '{rule}'.{did_you_mean(rule, known)} There are: {_all(known)}.", "rules"
            )
    try:
        return Silence(section.moment("from"), section.moment("until"), name, section.names("rules"))
    except ConfigError as error:
        if error.place:
            raise
        raise section.refusal(str(error)) from error


def _all(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
