"""What a monitor counts, as Prometheus reads it: text exposition format 0.0.4."""

from collections import Counter
from collections.abc import Iterator

from omloop.probe.check.rounds import CHECKS, STATES, Round

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class RoundCounts:
    """Every round so far."""

    def __init__(self, project: str, target: str) -> None:
        self._labels = f'project="{_escaped(project)}",target="{_escaped(target)}"'
        self._checks: Counter[tuple[str, str]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._last: Round | None = None
        self._well = 0.0
        self._rounds = 0

    def add(self, found: Round) -> None:
        """Count one round."""
        self._rounds += 1
        self._last = found
        if found.state == "ok":
            self._well = found.moment
        for check in found.checks:
            self._checks[check.name, check.state] += 1
            self._seconds[check.name] += check.seconds  # type: ignore[assignment]

    def text(self) -> str:
        """The whole exposition."""
        return "\n".join([*self._lines(), ""])

    def _lines(self) -> Iterator[str]:
        last = self._last
        yield from _head("omloop_probe_rounds_total", "counter", "Rounds so far.")
        yield self._line("omloop_probe_rounds_total", "", self._rounds)
        yield from _head("omloop_probe_checks_total", "counter", "Questions asked, by what came of them.")
        for check in CHECKS:
            for state in STATES:
                more = f'check="{check}",state="{state}"'
                yield self._line("omloop_probe_checks_total", more, self._checks[check, state])
        yield from _head("omloop_probe_seconds_total", "counter", "Time that answers took, by question.")
        for check in CHECKS:
            yield self._line("omloop_probe_seconds_total", f'check="{check}"', self._seconds[check])
        if last is None:
            return
        yield from _head("omloop_probe_state", "gauge", "1 for what the last round found.")
        for state in STATES:
            yield self._line("omloop_probe_state", f'state="{state}"', int(state == last.state))
        yield from _head("omloop_probe_last_seconds", "gauge", "Time of each answer of the last round.")
        for each in last.checks:
            yield self._line("omloop_probe_last_seconds", f'check="{each.name}"', each.seconds)
        yield from _head("omloop_probe_last_round_time_seconds", "gauge", "Begin of the last round, since 1970.")
        yield self._line("omloop_probe_last_round_time_seconds", "", last.moment)
        yield from _head("omloop_probe_last_ok_time_seconds", "gauge", "Begin of the last round without a fault; or 0.")
        yield self._line("omloop_probe_last_ok_time_seconds", "", self._well)

    def _line(self, name: str, more: str, value: float) -> str:
        return f"{name}{{{self._labels}{',' if more else ''}{more}}} {value!r}"


def _head(name: str, kind: str, about: str) -> tuple[str, str]:
    return f"# HELP {name} {about}", f"# TYPE {name} {kind}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
