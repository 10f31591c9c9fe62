"""How the alerts stand, as a file for the text-file collector of Prometheus's node exporter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omloop.alert.rules import Rule
from omloop.alert.state import State
from omloop.core import write_whole


@dataclass(frozen=True)
class Textfile:
    """Writes `omloop_alerts_PROJECT.prom` into `folder` after each look, as a whole."""

    folder: Path

    def show(self, state: State, rules: Sequence[Rule], sinks: Iterable[str]) -> None:
        """Write how everything stands; raises StoreError."""
        text = exposition(state, rules, sinks)
        write_whole(self.folder / f"omloop_alerts_{state.project}.prom", text.encode())


def exposition(state: State, rules: Sequence[Rule], sinks: Iterable[str]) -> str:
    """The text, in Prometheus's exposition format 0.0.4."""
    return "".join(f"{line}\n" for line in _lines(state, rules, sinks))


def _lines(state: State, rules: Sequence[Rule], sinks: Iterable[str]) -> Iterator[str]:
    yield from _head("omloop_alert_firing", "Whether a rule rings, silenced or not.")
    for rule in rules:
        standing = state.standings.get(rule.name)
        labels = {"project": state.project, "alert": rule.name, "severity": rule.severity}
        yield _sample("omloop_alert_firing", labels, int(standing is not None and standing.rings_since is not None))
    yield from _head("omloop_alert_value", "What a rule's metric was when last seen.")
    for rule in rules:
        standing = state.standings.get(rule.name)
        if standing is not None and standing.value is not None:
            yield _sample("omloop_alert_value", {"project": state.project, "alert": rule.name}, standing.value)
    yield from _head("omloop_alert_deliveries_owed", "Deliveries that are still to be made.")
    for sink in sinks:
        owed = sum(one.sink == sink for one in state.owed)
        yield _sample("omloop_alert_deliveries_owed", {"project": state.project, "sink": sink}, owed)
    yield from _head("omloop_alert_last_look_time_seconds", "The last look, in seconds since 1970.")
    yield _sample("omloop_alert_last_look_time_seconds", {"project": state.project}, state.looked)


def _head(name: str, about: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"


def _sample(name: str, labels: Mapping[str, str], number: float) -> str:
    inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{name}{{{inside}}} {number!r}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
