"""What came lately, from a real log."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import NOW, logged, with_champion

from omloop.loop import Workspace
from omloop.loop.steer import live
from omloop.testing.bundles import tiny_bundle

PATH = "/projects/tiny/live"


def test_before_anything_is_logged_every_bin_is_empty(workspace: Workspace, client: Client) -> None:
    found = client(with_champion(workspace)).get(PATH).json()
    assert (found["rows"], found["complete"], found["labelled"], found["scores"]) == (0, True, 0, {})
    assert found["rate"] == [0.0] * 60 and found["p50_ms"] == [None] * 60
    assert found["answers"] == {"median": [None] * 60, "low": [None] * 60, "high": [None] * 60}
    assert found["by_version"] == {} and found["tested"]["mae"]["value"] == 0.9


def test_rates_latencies_and_answers_fall_into_the_bin_of_their_time(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    begin = NOW - 30.0  # of the last minute
    logged(workspace, [begin - 60.0] * 30, latency_ms=2.0)
    logged(workspace, [begin, begin + 10.0, NOW], row={"hours": 2, "age": 20, "sex": "m"}, latency_ms=9.0)
    logged(workspace, [NOW - 7200.0])
    found = client(workspace).get(PATH).json()
    assert found["bins"][-1] == begin and len(found["bins"]) == 60 and found["rows"] == 33
    assert found["rate"][-2:] == [30 / 60, 3 / 30]
    assert (found["p50_ms"][-2:], found["p99_ms"][-2:]) == ([2.0, 9.0], [2.0, 9.0])
    assert found["answers"]["median"][-3:] == [None, 41.0, 45.0]
    (only,) = found["by_version"].values()
    assert only["rows"] == 33 and only["rate"] == found["rate"]


def test_classes_are_counted_by_name_over_versions_that_know_the_same(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace, tiny_bundle(classes=("sad", "happy")))
    logged(workspace, [NOW - 5.0] * 2)
    workspace = with_champion(workspace, tiny_bundle(-1.0, classes=("sad", "happy")))
    logged(workspace, [NOW - 5.0] * 3)
    found = client(workspace).get(PATH).json()
    assert {name: sum(counts) for name, counts in found["classes"].items()} == {"sad": 3, "happy": 2}
    assert sorted(one["rows"] for one in found["by_version"].values()) == [2, 3]


def test_what_was_cut_is_said_and_bins_before_it_are_not_known(
    workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", 60)
    workspace = with_champion(workspace)
    logged(workspace, [NOW - 300.0] * 40 + [NOW - 100.0] * 40 + [NOW - 1.0] * 40)
    found = client(workspace).get(PATH).json()
    assert (found["complete"], found["rows"]) == (False, 60)
    assert found["rate"][0] is None and found["rate"][-1] == pytest.approx(40 / 30)
    assert found["rate"][-2] == 0.0 and found["rate"][-3] is None


def test_of_large_inputs_fewer_are_read(workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_BYTES", 5_000)
    workspace = with_champion(workspace)
    logged(workspace, [NOW - 1.0] * 200)
    found = client(workspace).get(PATH).json()
    assert not found["complete"] and 50 <= found["rows"] < 200


def test_many_who_look_at_once_cost_as_one(
    workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEPT_S", 60.0)
    workspace = with_champion(workspace)
    logged(workspace, [NOW - 1.0] * 3)
    computed, read_newest = list[int](), live.read_newest

    def counted(log: Any, most: int, **more: Any) -> Any:
        computed.append(most)
        return read_newest(log, most, **more)

    monkeypatch.setattr(live, "read_newest", counted)
    routes = client(workspace)
    with ThreadPoolExecutor(4) as people:
        answers = [*people.map(lambda path: routes.get(path).json(), [PATH] * 8)]
    assert computed == [live.MOST, live.MOST_LABELLED] and all(one == answers[0] for one in answers)
    assert routes.get(f"{PATH}?minutes=5").json()["minutes"] == 5


def test_labelled_predictions_are_scored_beside_the_test(
    workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEPT_S", 0.0)
    workspace = with_champion(workspace)
    rows = [{"hours": hours, "age": age, "sex": "f"} for hours in range(24) for age in range(14, 25)]
    labels = {place: row["hours"] + 2 * row["age"] + 1.0 for place, row in enumerate(rows[:120])}
    logged(workspace, [NOW - 9000.0] * 120, rows=rows[:120], labels=labels)
    routes = client(workspace)
    found = routes.get(PATH).json()
    assert found["labelled"] == 120 and found["rows"] == 0
    assert found["scores"]["mae"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    logged(workspace, [NOW - 1.0], row=rows[130], labels={0: 500.0})
    again = routes.get(PATH).json()
    assert again["labelled"] == 121 and again["scores"]["mae"]["value"] > 1.0


@pytest.mark.parametrize("minutes", ["0", "-5", "1.5", "inf", "9999999999", "soon"])
def test_no_number_of_minutes_is_refused(minutes: str, workspace: Workspace, client: Client) -> None:
    answer = client(with_champion(workspace)).get(f"{PATH}?minutes={minutes}")
    assert answer.status_code == 400 and "'minutes' is a whole number" in answer.json()["error"]["message"]
