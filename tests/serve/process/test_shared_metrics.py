"""What one worker of several tells of all."""

import os
from pathlib import Path

import pytest

from omloop.serve import Champion
from omloop.serve.memory import memory_bytes
from omloop.serve.process.shared_metrics import SharedMetrics
from omloop.serve.process.worker_part import WorkerPart
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions

MODEL = f'omloop_model_info{{project="tiny",version="{tiny_bundle().version}"}}'


@pytest.fixture
def champion() -> Champion:
    found = Champion(MemoryVersions(tiny_bundle()), threads=1)
    found.refresh()
    return found


def worker(folder: Path, serial: int, number: int = 1) -> SharedMetrics:
    return SharedMetrics(WorkerPart(number=number, count=2, serial=serial, listener=-1, link=-1, folder=str(folder)))


def told(metrics: SharedMetrics, champion: Champion) -> dict[str, float]:
    lines = [line for line in metrics.text(champion).splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def living(folder: Path, *serials: int) -> None:
    (folder / "living").write_text(str(list(serials)))


def test_counters_histograms_and_gauges_are_added_up(tmp_path: Path, champion: Champion) -> None:
    living(tmp_path, 1, 2)
    first, second = worker(tmp_path, 1, 1), worker(tmp_path, 2, 2)
    for metrics, times in ((first, 2), (second, 3)):
        for _ in range(times):
            metrics.answered("/v1/predict", "200", 0.002)
        metrics.in_flight.add(by=times)
    second.share(champion)
    found = told(first, champion)
    assert found['omloop_requests_total{route="/v1/predict",status="200"}'] == 5
    assert found['omloop_request_seconds_bucket{route="/v1/predict",le="0.0025"}'] == 5
    assert found['omloop_request_seconds_sum{route="/v1/predict"}'] == pytest.approx(0.01)
    assert (found["omloop_in_flight"], found[MODEL], found["omloop_swaps_total"]) == (5, 2, 2)


def test_of_a_worker_that_died_what_it_counted_stays_and_what_it_was_doing_goes(
    tmp_path: Path, champion: Champion
) -> None:
    dead = worker(tmp_path, 1)
    dead.predictions.add("v1", by=7)
    dead.in_flight.add(by=3)
    dead.share(champion)
    living(tmp_path, 2)
    found = told(worker(tmp_path, 2), champion)
    assert found['omloop_predictions_total{version="v1"}'] == 7
    assert (found["omloop_in_flight"], found[MODEL]) == (0, 1)


def test_no_counter_goes_back_whoever_is_asked_next(tmp_path: Path, champion: Champion) -> None:
    """The one who is asked writes down what it says: the next one says no less."""
    living(tmp_path, 1, 2)
    first, second = worker(tmp_path, 1, 1), worker(tmp_path, 2, 2)
    numbers = []
    for step in range(6):
        (first, second)[step % 2].unrecorded.add()
        numbers.append(told((first, second)[step % 2], champion)["omloop_unrecorded_total"])
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_the_start_is_that_of_whoever_started_the_workers(tmp_path: Path, champion: Champion) -> None:
    own = {line for line in worker(tmp_path, 1).text(champion).splitlines() if line.startswith("process_start")}
    other = {line for line in worker(tmp_path, 2).text(champion).splitlines() if line.startswith("process_start")}
    assert own == other != set()


def test_a_folder_that_cannot_be_written_is_logged_once(
    tmp_path: Path, champion: Champion, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = worker(tmp_path / "gone", 1)
    for _ in range(3):
        metrics.share(champion)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells")
def test_the_memory_of_a_process_is_told() -> None:
    assert 1_000_000 < (memory_bytes(os.getpid()) or 0) < 100_000_000_000


@pytest.mark.parametrize("content", [None, "", "Pss: many kB\n"])
def test_memory_that_cannot_be_told_is_left_out(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "7").mkdir()
        (tmp_path / "7" / "smaps_rollup").write_text(content)
    assert memory_bytes(7, proc=tmp_path) is None


def test_every_worker_takes_part_in_a_trial_and_the_sums_are_those_of_all(tmp_path: Path) -> None:
    versions = MemoryVersions(tiny_bundle())
    version = versions.begin_trial(tiny_bundle(2.0), "shadow").version
    champions = [Champion(versions, threads=1) for _ in range(2)]
    living(tmp_path, 1, 2)
    workers = [worker(tmp_path, 1, 1), worker(tmp_path, 2, 2)]
    for metrics, each in zip(workers, champions, strict=True):
        each.refresh()
        metrics.shadow.add(version, "agreed", by=3)
        metrics.shadow_dropped.add(version)
        metrics.shadow_seconds.observe(0.002, version)
        metrics.share(each)
    found = told(workers[0], champions[0])
    assert found[f'omloop_trial_info{{version="{version}",mode="shadow"}}'] == 2
    assert found[f'omloop_shadow_total{{version="{version}",result="agreed"}}'] == 6
    assert found[f'omloop_shadow_dropped_total{{version="{version}"}}'] == 2
    assert found[f'omloop_shadow_seconds_count{{version="{version}"}}'] == 2
    assert found['omloop_refused_trial{version=""}'] == 0
