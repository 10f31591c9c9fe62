"""Jobs and functions on a Ray of this machine."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omloop.core import ComputeError, ComputeJob, InputError, JobStatus, Resources, Settings
from omloop.testing.compute import ComputeContract

ray = pytest.importorskip("ray")

from omloop.compute.ray import RayCompute  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def ours() -> Iterator[RayCompute]:
    yield RayCompute("")
    ray.shutdown()


class TestRay(ComputeContract):
    @pytest.fixture
    def compute(self, ours: RayCompute) -> RayCompute:
        return ours

    @pytest.fixture
    def again(self) -> RayCompute:
        return RayCompute("")

    def test_a_job_whose_worker_is_killed_is_lost(self, compute: RayCompute, job: Callable[[str], ComputeJob]) -> None:
        one = job("import os, time; print(os.getpid(), flush=True); time.sleep(300)")
        handle = compute.submit(one)
        while not compute.logs(one, handle).endswith(b"\n"):
            time.sleep(0.05)
        runner = int(Path(f"/proc/{int(compute.logs(one, handle))}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(runner, signal.SIGKILL)
        while not (found := compute.status(one, handle)).over:
            time.sleep(0.05)
        assert found == JobStatus("lost")


def double(number: int) -> int:
    if number < 0:
        raise InputError("must not be negative", "number")
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def test_functions_are_carried_out_and_their_errors_come_back(ours: RayCompute) -> None:
    executor = ours.executor(Resources())
    assert [*executor.map(double, range(1, 5))] == [2, 4, 6, 8]
    with pytest.raises(InputError, match=r"^number: must not be negative$"):
        executor.submit(double, -1).result()
    with pytest.raises(ComputeError, match="A task of Ray failed: WorkerCrashedError"):
        executor.submit(double, 0).result()


def failing(_: int) -> int:
    return subprocess.run(["/bin/sh", "-c", "exit 3"], check=False).returncode


def test_a_child_that_fails_is_told_here_and_in_a_worker(ours: RayCompute) -> None:
    assert [*ours.executor(Resources()).map(failing, range(2)), failing(2)] == [3, 3, 3]


def test_more_cores_than_there_are_are_refused(ours: RayCompute, tmp_path: Path) -> None:
    job = ComputeJob("omloop-test", ("pass",), str(tmp_path), str(tmp_path / "kept"), needs=Resources(cpus=4096))
    with pytest.raises(ComputeError, match="A job asks for 4096 CPUs, and the Ray of this machine has"):
        ours.submit(job)


def test_an_address_that_nobody_answers_at_is_refused_within_seconds(tmp_path: Path) -> None:
    ray.shutdown()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ComputeError, match=f"No Ray answers at {address}: Connection refused"):
        RayCompute.of(address, tmp_path, settings=Settings()).executor(Resources())
    with pytest.raises(ComputeError, match="no address of Ray"):
        RayCompute.of("a b:c", tmp_path, settings=Settings()).executor(Resources())
