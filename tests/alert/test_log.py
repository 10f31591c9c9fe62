import io
import logging
from dataclasses import replace

import pytest

from omloop.alert import Alert
from omloop.alert.log import LOG, LogSink


def test_what_is_critical_is_an_error_and_its_end_a_warning(
    raised: Alert, resolved: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = logging.StreamHandler(said := io.StringIO())
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    for name, value in (("handlers", [handler]), ("propagate", False), ("level", logging.INFO), ("_cache", {})):
        monkeypatch.setattr(LOG, name, value)
    for alert in (raised, resolved, replace(raised, severity="warning"), replace(raised, severity="info")):
        LogSink().send(alert)
    one, other, *more = said.getvalue().splitlines()
    assert one.startswith("ERROR rides: slow is raised (critical): latency.p99_ms is 61.5, above 50: of 200")
    assert other.startswith("WARNING rides: slow is resolved (critical) after 11 min: latency.p99_ms is 38")
    assert [line.partition(" ")[0] for line in more] == ["WARNING", "INFO"]
