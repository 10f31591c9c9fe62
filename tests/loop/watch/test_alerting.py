import re
from pathlib import Path

import pytest

from omloop.alert import Signal, Silence, read_state, silence
from omloop.core import ConfigError
from omloop.loop import Workspace
from omloop.loop.watch.alerting import FILE, alerts_home, alerts_of, raise_alerts
from omloop.loop.watch.signals import METRICS

DRIFT = {"drift": Signal(1.0, "age moved")}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "projects" / "rides").mkdir(parents=True)
    return Workspace.of(workspace=str(tmp_path / "ws"), projects="projects")


def test_without_a_file_drift_and_loss_go_to_the_log_and_to_prometheus(here: Workspace) -> None:
    (event,) = raise_alerts("rides", DRIFT, here, 100.0)
    assert (event.rule, event.state, event.detail) == ("drift", "raised", "age moved")
    assert raise_alerts("rides", DRIFT, here, 160.0) == ()
    assert read_state(here.alerts("rides"), "rides").owed == ()
    assert 'alert="drift",severity="warning"} 1' in (here.alerts("rides") / "omloop_alerts_rides.prom").read_text()


def test_the_projects_own_file_goes_before_the_common_one(here: Workspace) -> None:
    Path(FILE).write_text("rules:\n  common: {metric: drift}\n")
    assert [rule.name for rule in alerts_of("rides", here).rules] == ["common"]
    Path("projects", "rides", FILE).write_text("rules:\n  own: {metric: drift}\n")
    assert [rule.name for rule in alerts_of("rides", here).rules] == ["own"]
    assert [rule.name for rule in alerts_of("other", here).rules] == ["common"]


def test_a_metric_that_does_not_exist_names_the_nearest(here: Workspace) -> None:
    Path(FILE).write_text("rules:\n  a: {metric: latency.p9_ms, above: 1}\n")
    with pytest.raises(ConfigError, match=r"Did you mean 'latency.p99_ms'\?"):
        raise_alerts("rides", DRIFT, here, 100.0)


def test_a_watch_may_hand_over_what_it_read_at_its_start(here: Workspace) -> None:
    alerts = alerts_of("rides", here)
    Path(FILE).write_text("half a ")
    assert len(raise_alerts("rides", DRIFT, here, 100.0, alerts=alerts)) == 1


def test_the_example_on_the_page_is_one_that_is_taken(here: Workspace) -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "alerts.md"
    (example,) = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    Path(FILE).write_text(example)
    alerts = alerts_of("rides", here)
    assert len(alerts.rules) == 7 and [*alerts.sinks] == ["log", "file", "chat", "email"] and len(alerts.boards) == 1
    known = {metric for metric in METRICS if not metric.startswith("live.")}
    assert known <= set(re.findall(r"`([\w.]+)`", page.read_text(encoding="utf-8"))), "every metric is on the page"


@pytest.fixture
def scheme() -> str:
    pytest.importorskip("gcsfs")
    return "gs"


def test_of_machines_that_share_a_bucket_one_tells_and_a_silence_holds_on_all(bucket: str, tmp_path: Path) -> None:
    """A job begins with an empty disk each time."""
    machines = [Workspace.of(workspace=str(tmp_path / name), store=f"{bucket}/versions") for name in "abc"]
    assert len(raise_alerts("rides", DRIFT, machines[0], 100.0)) == 1
    assert raise_alerts("rides", DRIFT, machines[1], 160.0) == ()
    with alerts_home("rides", machines[1]) as home:
        silence("rides", home, Silence(160.0, 900.0, "new sensors"))
    assert raise_alerts("rides", {"drift": Signal(0.0)}, machines[2], 220.0) == (), "silent, so not told"
    with alerts_home("rides", machines[0]) as home:
        assert read_state(home, "rides").silence == Silence(160.0, 900.0, "new sensors")
