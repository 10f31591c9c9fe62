"""The files for a virtual machine, by the tools that read them, and the units' commands for real."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.deploy.validators import checked

from omloop.deploy import Service
from omloop.deploy.vm import vm_files
from omloop.loop import Workspace


def _written(service: Service, folder: Path) -> Path:
    for name, text in vm_files(service).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / service.place / "vm"


def test_shellcheck_finds_nothing_in_what_installs(service: Service, tmp_path: Path) -> None:
    place = _written(replace(service, wheel="wheels/omloop-0.1.0-py3-none-any.whl"), tmp_path)
    checked("shellcheck", place / "install.sh")


def test_systemd_knows_everything_in_the_units(service: Service, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    place = _written(service, tmp_path)
    units = []
    for name in ("serve.service", "watch.service", "watch.timer", "ui.service"):
        text = re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", (place / name).read_text())
        unit = place / f"omloop-{service.host}-{name}"
        unit.write_text(text.replace("User=omloop", "User=root").replace("Group=omloop", "Group=root"))
        units.append(str(unit))
    command = ["systemd-analyze", "verify", "--recursive-errors=no", *units]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "omloop-" not in done.stderr, done.stderr
    assert done.returncode == 0


def test_cloud_init_begins_by_a_clone_and_its_script(service: Service, tmp_path: Path) -> None:
    there = replace(service, settings=replace(service.settings, repository="ada/rides"))
    text = (_written(there, tmp_path) / "cloud-init.yaml").read_text()
    assert text.startswith("#cloud-config\n")
    clone, install = yaml.safe_load(text)["runcmd"]
    assert clone[-2:] == ["https://github.com/ada/rides.git", "/opt/omloop/repository"]
    assert install == ["/opt/omloop/repository/deploy/bike_rides/vm/install.sh"]


STUBS = {
    "id": "echo 0",
    "date": "echo $$",
    "systemctl": 'echo "$@"',
    "python3.12": '[ "$2" != venv ] || { mkdir -p "$3/bin" && ln -s /bin/true "$3/bin/pip"; }',
}
"""What a host has in its place, so that install.sh changes nothing but a folder."""


def test_the_page_is_installed_where_it_is_asked_for_and_brought_up_to_date_from_then_on(
    service: Service, tmp_path: Path
) -> None:
    place, home = _written(service, tmp_path), tmp_path / "host/opt/omloop/bike-rides"
    (tmp_path / "projects/bike_rides").mkdir(parents=True)
    unit = "omloop-bike-rides-ui.service"
    assert unit not in _installed(place, tmp_path / "host")
    assert not (home / "ui").exists()
    assert f"{unit}\n" in _installed(place, tmp_path / "host", "--ui")
    assert f"{unit}\n" in _installed(place, tmp_path / "host")
    assert (tmp_path / f"host/etc/systemd/system/{unit}").is_file()
    left = sorted(path.name.partition("-")[0] for path in home.iterdir())
    assert left == ["projects", "ui", "ui", "venv", "venv"], "a link and what it leads to; those of before are gone"


def _installed(place: Path, host: Path, *words: str) -> str:
    """What install.sh tells systemd, of a host that lies in a folder."""
    programs = host / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name, text in STUBS.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    script = re.sub(r"(?<![\w.$}])/(opt|var|etc)/", rf"{host}/\1/", (place / "install.sh").read_text())
    (host / "etc/systemd/system").mkdir(parents=True, exist_ok=True)
    (place / "here.sh").write_text(re.sub(r"-o \w+ -g omloop ", "", script))
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    command = ["bash", str(place / "here.sh"), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.slow
def test_the_units_serve_and_watch(turned: Workspace, tmp_path: Path) -> None:
    service = Service("student_performance", "", "projects/student_performance", "3.12", "omloop==0.1.0")
    place = _written(service, tmp_path)
    server = _started(place / "serve.service", turned)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and server.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen("http://127.0.0.1:18080/readyz", timeout=5):
                break
            time.sleep(0.2)
        looked = _started(place / "watch.service", turned)
        assert looked.wait(120) == 0, looked.communicate()
    finally:
        server.terminate()
    assert server.wait(60) == 0


def _started(unit: Path, workspace: Workspace) -> "subprocess.Popen[str]":
    """The command of a unit in its environment, with this workspace, these projects, this Python and another port."""
    lines = [line.partition("=")[::2] for line in unit.read_text().replace("8080", "18080").splitlines()]
    env = dict(shlex.split(value)[0].split("=", 1) for key, value in lines if key == "Environment")
    env |= {"HOME": str(workspace.root), "OMLOOP_WORKSPACE": str(workspace.root)}
    env["OMLOOP_PROJECTS"] = workspace.settings.projects
    words = next(value for key, value in lines if key == "ExecStart").split()
    command = [sys.executable, "-m", "omloop", *words[1:]]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
