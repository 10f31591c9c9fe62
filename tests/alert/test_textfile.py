from pathlib import Path

import pytest

from omloop.alert import Rule, Signal, State, evaluate_rules
from omloop.alert.outbox import owe
from omloop.alert.textfile import Textfile
from omloop.core import StoreError

RULES = (Rule("drift", "drift", severity="critical"), Rule("slow", "ms", above=50.0))


def test_the_collector_reads_what_rings_and_what_is_owed(tmp_path: Path) -> None:
    state, events = evaluate_rules(RULES, {"drift": Signal(1.0), "ms": Signal(12.5)}, State("rides"), 100.0)
    Textfile(tmp_path).show(owe(state, events, ["log", "chat"], 100.0), RULES, ["log", "chat"])
    text = (tmp_path / "omloop_alerts_rides.prom").read_text()
    assert 'omloop_alert_firing{project="rides",alert="drift",severity="critical"} 1\n' in text
    assert 'omloop_alert_firing{project="rides",alert="slow",severity="warning"} 0\n' in text
    assert 'omloop_alert_value{project="rides",alert="slow"} 12.5\n' in text
    assert 'omloop_alert_deliveries_owed{project="rides",sink="chat"} 1\n' in text
    assert 'omloop_alert_last_look_time_seconds{project="rides"} 100.0\n' in text
    families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(families) == len(set(families)) == 4


def test_a_name_with_quotes_is_escaped(tmp_path: Path) -> None:
    Textfile(tmp_path).show(State('a"b'), RULES, [])
    assert r'project="a\"b"' in (tmp_path / 'omloop_alerts_a"b.prom').read_text()


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(StoreError):
        Textfile(tmp_path / "x").show(State("rides"), RULES, [])
