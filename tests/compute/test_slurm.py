"""Jobs of a real Slurm of one node, where it is installed; and what its commands may say besides."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from omloop.compute import ComputeSettings
from omloop.compute.slurm import SlurmCompute
from omloop.core import ComputeError, ComputeJob, JobStatus, Resources, SettingError, Settings
from omloop.testing.compute import ComputeContract


def _one_node() -> Any:
    spec = spec_from_file_location("one_node", Path(__file__).with_name("one_node.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    node = _one_node()
    if not node.is_there():
        pytest.skip("needs Slurm (apt-get install slurm-wlm), and root")
    with node.one_node(tmp_path_factory.mktemp("slurm")) as conf, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(conf))
        yield conf


@pytest.mark.slow
class TestSlurm(ComputeContract):
    @pytest.fixture
    def compute(self, cluster: Path) -> SlurmCompute:
        return SlurmCompute(ComputeSettings())

    @pytest.fixture
    def again(self, cluster: Path) -> SlurmCompute:
        return SlurmCompute(ComputeSettings())

    def test_what_slurm_refuses_is_one_line(self, cluster: Path, tmp_path: Path) -> None:
        job = ComputeJob("omloop-test", ("pass",), str(tmp_path), str(tmp_path / "kept"), module="timeit")
        with pytest.raises(ComputeError, match="Slurm refuses 'sbatch': .*invalid partition"):
            SlurmCompute(ComputeSettings(queue="none")).submit(job)
        assert SlurmCompute(ComputeSettings()).status(job, "99999") == JobStatus("lost")


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH for programs that say what Slurm's would."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def job(tmp_path: Path) -> ComputeJob:
    return ComputeJob("omloop-test", ("turn", "a b"), str(tmp_path), str(tmp_path / "kept"))


def test_where_there_is_no_slurm_it_says_so(job: ComputeJob, commands: Path) -> None:
    with pytest.raises(ComputeError, match="Slurm is not on this machine: there is no command 'sbatch'"):
        SlurmCompute(ComputeSettings()).submit(job)
    with pytest.raises(SettingError, match="takes no address"):
        SlurmCompute.of("host", commands, settings=Settings())


def test_the_script_asks_for_what_the_settings_say(job: ComputeJob, commands: Path) -> None:
    program(commands / "sbatch", "echo '12;one'")
    settings = ComputeSettings(queue="gpu", account="lab", setup="module load python", python="env python")
    assert SlurmCompute(settings).submit(replace(job, needs=Resources(4, 1, 2000, 90))) == "12"
    text = (Path(job.kept) / "job.sh").read_text()
    for line in ("cpus-per-task=4", "gpus=1", "mem=2000M", "time=90", "partition=gpu", "account=lab"):
        assert f"#SBATCH --{line}\n" in text
    assert "\nmodule load python\n" in text and "omloop turn 'a b'" in text
    assert "\nexec env python -m omloop.compute.runner " in text


@pytest.mark.parametrize(
    ("queued", "accounted", "found"),
    [
        ("PENDING|Resources", "", JobStatus("waiting", reason="Resources")),
        ("RUNNING|None", "", JobStatus("running")),
        ("NODE_FAIL|None", "", JobStatus("lost", reason="Slurm says NODE_FAIL")),
        ("", "TIMEOUT", JobStatus("failed", reason="Slurm says TIMEOUT")),
        ("", "CANCELLED by 1000", JobStatus("cancelled", reason="Slurm says CANCELLED")),
        ("", "COMPLETED", JobStatus("lost", reason="Slurm says COMPLETED")),
        ("", "", JobStatus("lost")),
    ],
)
def test_what_slurm_says_of_a_job_without_an_end(
    job: ComputeJob, commands: Path, queued: str, accounted: str, found: JobStatus
) -> None:
    program(commands / "squeue", f"echo '{queued}'")
    program(commands / "sacct", f"echo '{accounted}'")
    assert SlurmCompute(ComputeSettings()).status(job, "12") == found


def test_a_controller_that_is_away_is_an_error_and_no_lost_job(job: ComputeJob, commands: Path) -> None:
    program(commands / "squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(ComputeError, match="Unable to contact slurm controller"):
        SlurmCompute(ComputeSettings()).status(job, "12")
