import json
import os
import queue
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omloop.track import Sampler, system_plot
from omloop.track.gpu import Gpus
from omloop.track.system import as_lines, halve_points
from omloop.track.usage import usage

HOG = "import time; hold = bytearray(150_000_000); print('ready', flush=True); time.sleep(60)"
# Two GPUs, as the driver's library would tell of them.
NVML = """
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) { *handle = (void *)(long)(index + 7); return 0; }
int nvmlDeviceGetUtilizationRates(void *handle, unsigned *rates) {
    if ((long)handle == 8) return 3; /* not supported */
    rates[0] = 40; rates[1] = 5; return 0;
}
int nvmlDeviceGetMemoryInfo(void *handle, unsigned long long *memory) {
    memory[0] = 80000000000ull; memory[1] = 1; memory[2] = (long)handle * 1000000000ull; return 0;
}
"""


def test_a_run_of_any_length_has_a_last_look() -> None:
    kept: list[bytes] = []
    with Sampler(kept.append, every_s=3600) as sampler:
        pass
    sampler.stop()
    (point,) = map(json.loads, kept[-1].splitlines())
    assert point["cpu_percent"] >= 0 and len(kept) == 1


def test_a_disk_that_takes_nothing_ends_the_looks_and_no_run(caplog: pytest.LogCaptureFixture) -> None:
    def full(content: bytes) -> None:
        raise OSError("no space left")

    with Sampler(full) as sampler:
        pass
    assert len(sampler.points) == 1 and "the curves of CPU and memory end here" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_was_seen_is_kept_while_the_run_goes_on_and_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omloop.track.system.KEEP_S", 0.0)
    monkeypatch.setattr("omloop.track.system.MOST_POINTS", 4)
    kept: queue.Queue[bytes] = queue.Queue()
    with Sampler(kept.put, every_s=0.01) as sampler:
        sizes = [len(kept.get(timeout=30).splitlines()) for _ in range(7)]
    assert max(sizes) == 4 and sizes[:4] == [1, 2, 3, 4] and len(sampler.points) <= 4


def test_points_are_few_however_long_it_takes() -> None:
    points = [{"time": float(t), "cpu_percent": float(t % 2), "memory_mb": float(t == 7)} for t in range(1, 10)]
    fewer = halve_points(points)
    assert [point["time"] for point in fewer] == [2, 4, 6, 8, 9]
    assert {point["cpu_percent"] for point in fewer[:4]} == {0.5} and max(p["memory_mb"] for p in fewer) == 1
    assert halve_points([{"time": 1.0}, {"time": 2.0, "gpu0_percent": 4.0}]) == [{"time": 2.0, "gpu0_percent": 4.0}]


@pytest.mark.skipif(sys.platform != "linux", reason="others do not tell of children")
def test_processes_that_were_started_count_too() -> None:
    before = usage()
    with subprocess.Popen([sys.executable, "-c", HOG], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline()
        during = usage()
        child.kill()
    assert during.memory is not None and before.memory is not None
    assert during.memory - before.memory > 100_000_000 and during.cpu_s > before.cpu_s


def test_elsewhere_the_process_itself_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("omloop.track.usage._PROC", tmp_path)
    found = usage()
    assert 0 < found.cpu_s <= sum(os.times()[:4])
    assert found.memory is None or found.memory > 1_000_000


def test_a_machine_without_a_driver_has_no_gpu(tmp_path: Path) -> None:
    (tmp_path / "empty.so").write_bytes(b"")
    for name in ("libthere-is-none.so.1", str(tmp_path / "empty.so")):
        gpus = Gpus(name)
        assert gpus.read() == {}
        gpus.close()


@pytest.mark.skipif(shutil.which("cc") is None or sys.platform != "linux", reason="needs a C compiler")
def test_gpus_are_told_by_the_drivers_library(tmp_path: Path) -> None:
    (tmp_path / "nvml.c").write_text(NVML)
    library = tmp_path / "libnvml.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, tmp_path / "nvml.c"], check=True)
    gpus = Gpus(str(library))
    assert gpus.read() == {"gpu0_percent": 40.0, "gpu0_mb": 7000.0, "gpu1_mb": 8000.0}
    gpus.close()
    assert gpus.read() == {}


def test_the_curves_are_a_picture() -> None:
    points = [{"time": t, "cpu_percent": 90.0, "memory_mb": 100 * t, "gpu0_percent": 5.0, "gpu1_mb": 2} for t in (1, 2)]
    assert system_plot(points).startswith(b"\x89PNG")
    assert len(as_lines(points).splitlines()) == 2
