"""A real Slurm of one node on loopback, for as long as a test lasts: its own configuration, no authentication."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
PARTS = {
    "ClusterName": "one",
    "SlurmUser": "root",
    "AuthType": "auth/none",
    "CredType": "cred/none",
    "ProctrackType": "proctrack/linuxproc",
    "TaskPlugin": "task/none",
    "SchedulerType": "sched/builtin",
    "SelectType": "select/cons_tres",
    "SelectTypeParameters": "CR_CPU",
    "JobAcctGatherType": "jobacct_gather/none",
    "AccountingStorageType": "accounting_storage/none",
    "MpiDefault": "none",
    "ReturnToService": "2",
    "KillWait": "5",
    "MessageTimeout": "30",
}


def is_there() -> bool:
    return os.name == "posix" and os.geteuid() == 0 and all(map(shutil.which, NEEDED))


@contextmanager
def one_node(folder: Path) -> Iterator[Path]:
    """The path of its configuration, for SLURM_CONF."""
    conf, name = folder / "slurm.conf", socket.gethostname().partition(".")[0]
    own = {
        "SlurmctldHost": f"{name}(127.0.0.1)",
        "SlurmctldPort": _free_port(),
        "SlurmdPort": _free_port(),
        "StateSaveLocation": folder / "state",
        "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "slurmctld.pid",
        "SlurmdPidFile": folder / "slurmd.pid",
    }
    for part in ("state", "spool"):
        (folder / part).mkdir(parents=True)
    lines = [f"{key}={value}" for key, value in {**PARTS, **own}.items()]
    cpus = os.cpu_count() or 1
    lines += [
        f"NodeName={name} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN",
        f"PartitionName=all Nodes={name} Default=YES",
    ]
    conf.write_text("\n".join([*lines, ""]))
    environ = {**os.environ, "SLURM_CONF": str(conf)}
    with (folder / "daemons.log").open("wb") as log:
        daemons = [subprocess.Popen([one, "-D", "-f", conf], stdout=log, stderr=log) for one in ("slurmctld", "slurmd")]
        try:
            _wait_until_idle(environ, folder / "daemons.log")
            yield conf
        finally:
            for one in reversed(daemons):
                one.terminate()
            for one in reversed(daemons):
                _end(one)


def _end(daemon: "subprocess.Popen[bytes]") -> None:
    try:
        daemon.wait(timeout=20)
    except subprocess.TimeoutExpired:  # it saves its state for as long as it likes
        daemon.kill()
        daemon.wait()


def _wait_until_idle(environ: dict[str, str], log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        said = subprocess.run(["sinfo", "-h", "-o", "%t"], env=environ, capture_output=True, text=True, check=False)
        if said.stdout.strip() == "idle":
            return
        assert time.monotonic() < until, said.stdout + said.stderr + log.read_text()[-2000:]
        time.sleep(0.3)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
