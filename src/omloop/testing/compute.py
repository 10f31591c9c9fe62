"""What everybody who carries jobs out must do; an adapter's test inherits this and supplies a fixture."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.core import Compute, ComputeJob, JobStatus

WITHIN_S = 60.0


class ComputeContract:
    """A submitted job comes to an end, and any process can ask for its state. Supply a fixture `compute`.

    Jobs must be able to run `python -m timeit`, which the standard library has.
    """

    @pytest.fixture
    def compute(self) -> Compute:
        """Who carries jobs out."""
        raise NotImplementedError

    @pytest.fixture
    def again(self, compute: Compute) -> Compute:
        """The same as another process would open it; the same object where that is how it is."""
        return compute

    @pytest.fixture
    def job(self, tmp_path: Path) -> Callable[[str], ComputeJob]:
        """A job that runs a line of Python once."""

        def make(code: str) -> ComputeJob:
            kept = tmp_path / "jobs" / "one"
            return ComputeJob("omloop-test", ("-n", "1", "-r", "1", code), str(tmp_path), str(kept), module="timeit")

        return make

    def test_a_job_finishes_and_its_log_says_what_it_printed(
        self, compute: Compute, again: Compute, job: Callable[[str], ComputeJob]
    ) -> None:
        """Whoever asks, and from any byte on."""
        one = job("print('hello', 6 * 7)")
        handle = compute.submit(one)
        assert handle and _end(again, one, handle) == JobStatus("finished", 0)
        text = again.logs(one, handle)
        assert text.startswith(b"hello 42\n") and again.logs(one, handle, 6) == text[6:]
        assert again.fetch(one, handle)[0].read_bytes() == text

    def test_a_job_that_fails_says_so(self, compute: Compute, job: Callable[[str], ComputeJob]) -> None:
        """With its exit code, and the reason in its log."""
        one = job("raise ValueError(3)")
        found = _end(compute, one, handle := compute.submit(one))
        assert (found.state, found.exit_code) == ("failed", 1)
        compute.cancel(one, handle)
        assert compute.status(one, handle).state == "failed"

    def test_a_job_that_runs_can_be_cancelled(
        self, compute: Compute, again: Compute, job: Callable[[str], ComputeJob]
    ) -> None:
        """And ends."""
        one = job("import time; print('begun', flush=True); time.sleep(300)")
        handle = compute.submit(one)
        until = time.monotonic() + WITHIN_S
        while not (text := again.logs(one, handle)) and time.monotonic() < until:
            assert not again.status(one, handle).over
            time.sleep(0.1)
        assert text == b"begun\n" and again.status(one, handle).state == "running"
        again.cancel(one, handle)
        assert _end(again, one, handle).state == "cancelled"


def _end(compute: Compute, job: ComputeJob, handle: str) -> JobStatus:
    """How a job ends, within a minute."""
    until = time.monotonic() + WITHIN_S
    while not (found := compute.status(job, handle)).over:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found
