"""Jobs as processes of this machine."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.compute.local import LocalCompute
from omloop.core import ComputeError, ComputeJob, JobStatus, SettingError, Settings
from omloop.testing.compute import ComputeContract


class TestLocal(ComputeContract):
    @pytest.fixture
    def compute(self) -> LocalCompute:
        return LocalCompute()

    @pytest.fixture
    def again(self) -> LocalCompute:
        return LocalCompute()

    def test_a_job_whose_runner_is_killed_is_lost(
        self, compute: LocalCompute, job: Callable[[str], ComputeJob], tmp_path: Path
    ) -> None:
        one = job("import os, time; print(os.getpid(), flush=True); time.sleep(300)")
        handle = compute.submit(one)
        while not (said := compute.logs(one, handle).endswith(b"\n")):
            time.sleep(0.02)
        assert said
        child = int(compute.logs(one, handle))
        os.kill(int(handle), signal.SIGKILL)
        while (found := compute.status(one, handle)).state == "running":
            time.sleep(0.02)
        assert found == JobStatus("lost")
        until = time.monotonic() + 20  # what it ran does not outlive it
        while Path(f"/proc/{child}").exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert not Path(f"/proc/{child}").exists() or b"Z" in Path(f"/proc/{child}/stat").read_bytes()

    def test_a_job_gets_the_variables_that_are_named_and_no_file_has_their_values(
        self, compute: LocalCompute, job: Callable[[str], ComputeJob], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MY_TOKEN", "abc-secret")
        monkeypatch.setenv("OTHER", "not named")
        one = job("import os; print(len(os.getenv('MY_TOKEN', '')), os.getenv('OTHER'))")
        one = replace(one, variables=("MY_TOKEN",))
        handle = compute.submit(one)
        while not compute.status(one, handle).over:
            time.sleep(0.02)
        assert compute.logs(one, handle).startswith(b"10 None\n")
        assert not [path for path in Path(one.kept).iterdir() if b"abc-secret" in path.read_bytes()]


def test_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="takes no address"):
        LocalCompute.of("host", tmp_path, settings=Settings())


def test_a_folder_whose_name_has_two_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComputeError, match="two lines"):
        LocalCompute().submit(ComputeJob("a", ("b",), "/tmp/a\nb", str(tmp_path)))  # noqa: S108
