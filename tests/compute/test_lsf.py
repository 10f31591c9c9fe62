"""Jobs of LSF: its commands are stood in for by programs that say and do what IBM's documentation of 10.1 describes."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.compute import ComputeSettings
from omloop.compute.lsf import LsfCompute
from omloop.core import ComputeError, ComputeJob, JobStatus, Resources, SettingError, Settings
from omloop.testing.compute import ComputeContract

BSUB = """
import os, subprocess, sys
text = sys.stdin.read()
wanted = dict(line.split(None, 2)[1:3] for line in text.splitlines() if line.startswith("#BSUB "))
if wanted.get("-q") == "none":
    sys.exit("none: No such queue. Job not submitted.")
names = sys.argv[sys.argv.index("-env") + 1].split(", ")
env = {name: os.environ[name] for name in names}
number = 1 + len(os.listdir(JOBS))
away = subprocess.DEVNULL
job = subprocess.Popen(["/bin/sh", "-c", text], env=env, start_new_session=True, stdout=away, stderr=away)
with open(f"{JOBS}/{number}", "w") as file:
    file.write(str(job.pid))
print(f"Job <{number}> is submitted to default queue <normal>.")
os._exit(0)
"""
BJOBS = """
import os, sys
assert sys.argv[1:4] == ["-noheader", "-o", "stat exit_code"], sys.argv
path = f"{JOBS}/{sys.argv[4]}"
if not os.path.exists(path):
    print(f"Job <{sys.argv[4]}> is not found", file=sys.stderr)
    sys.exit(255)
alive = os.path.exists(f"/proc/{open(path).read()}")
print("RUN -" if alive else "EXIT 130")
"""
BKILL = """
import os, signal, sys
path = f"{JOBS}/{sys.argv[1]}"
if not os.path.exists(path):
    print(f"Job <{sys.argv[1]}>: No matching job found", file=sys.stderr)
    sys.exit(255)
os.kill(int(open(path).read()), signal.SIGTERM)
print(f"Job <{sys.argv[1]}> is being terminated")
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs on PATH that stand in for LSF's commands."""
    folder, jobs = tmp_path / "bin", tmp_path / "lsf"
    folder.mkdir()
    jobs.mkdir()
    for name, text in {"bsub": BSUB, "bjobs": BJOBS, "bkill": BKILL}.items():
        (folder / name).write_text(f"#!{sys.executable} -S\nJOBS = {str(jobs)!r}\n{text}")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.slow
class TestLsf(ComputeContract):
    @pytest.fixture
    def compute(self, commands: Path) -> LsfCompute:
        return LsfCompute(ComputeSettings())

    def test_the_script_asks_for_what_the_settings_say(self, commands: Path, job: Callable[[str], ComputeJob]) -> None:
        wanted = replace(job("pass"), needs=Resources(4, 1, 2000, 90))
        compute = LsfCompute(ComputeSettings(queue="gpu", account="lab", python=f"env {sys.executable}"))
        compute.submit(wanted)
        text = (Path(wanted.kept) / "job.sh").read_text()
        for line in ("-n 4", "-M 2000MB", '-gpu "num=1"', "-W 90", "-q gpu", "-P lab", '-R "span[hosts=1] rusage['):
            assert f"#BSUB {line}" in text
        assert f"\nexec env {sys.executable} -m omloop.compute.runner " in text

    def test_what_lsf_refuses_is_one_line(self, commands: Path, job: Callable[[str], ComputeJob]) -> None:
        with pytest.raises(ComputeError, match="LSF refuses 'bsub': none: No such queue"):
            LsfCompute(ComputeSettings(queue="none")).submit(job("pass"))

    def test_a_job_that_lsf_does_not_know_is_lost(self, commands: Path, job: Callable[[str], ComputeJob]) -> None:
        assert LsfCompute(ComputeSettings()).status(job("pass"), "77") == JobStatus("lost")


def test_where_there_is_no_lsf_it_says_so(commands: Path, tmp_path: Path) -> None:
    (commands / "bsub").unlink()
    with pytest.raises(ComputeError, match="LSF is not on this machine: there is no command 'bsub'"):
        LsfCompute(ComputeSettings()).submit(ComputeJob("a", ("b",), str(tmp_path), str(tmp_path / "kept")))
    with pytest.raises(SettingError, match="takes no address"):
        LsfCompute.of("host", commands, settings=Settings())
