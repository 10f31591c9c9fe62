"""The files for a cluster, by the tools that read them; Apptainer's definition by the rules of its parser."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.deploy.apptainer import lines_of, sections
from tests.deploy.validators import checked

from omloop.compute.folder import MODULES
from omloop.deploy import Service, write_files
from omloop.deploy.hpc import hpc_files

WHEEL = "wheels/omloop-0.1.0-py3-none-any.whl"
LMOD = Path("/usr/share/lmod/lmod")


def _written(service: Service, folder: Path) -> Path:
    write_files("hpc", hpc_files(service), folder)
    return folder / service.place


@pytest.mark.parametrize("wheel", ["", WHEEL])
def test_the_definition_has_what_the_image_of_docker_has(service: Service, wheel: str, tmp_path: Path) -> None:
    place = _written(replace(service, wheel=wheel), tmp_path)
    head, found = sections((place / "hpc/train.def").read_text())
    assert head == {"bootstrap": "docker", "from": "python:3.12-slim-bookworm"}
    copied = [line.split() for line in lines_of(found["files"])]
    assert copied[0] == ["deploy/bike_rides/locks/train.txt", "/opt/omloop/lock.txt"]
    assert [source for source, _ in copied[1:]] == [wheel] * bool(wheel)
    assert "--require-hashes -r /opt/omloop/lock.txt" in found["post"]
    assert '--index-url "{{ TORCH_INDEX }}" torch==2.13.0' in found["post"] and "torch" in found["test"]
    labels = dict(line.split(maxsplit=1) for line in lines_of(found["labels"]))
    assert labels["org.opencontainers.image.description"] == service.summary
    for name in ("post", "environment", "runscript", "test"):
        (tmp_path / name).write_text(found[name])
        checked("shellcheck", "-s", "sh", tmp_path / name)


def test_a_project_without_networks_asks_no_index_of_pytorchs(service: Service) -> None:
    texts = hpc_files(replace(service, extras={"train": ("train",)}))
    assert not [path for path, text in texts.items() if "torch" in text.lower()]
    sections(texts["deploy/bike_rides/hpc/train.def"])


@pytest.mark.parametrize("wheel", ["", WHEEL])
def test_shellcheck_finds_nothing_in_what_makes_the_environment(service: Service, wheel: str, tmp_path: Path) -> None:
    script = _written(replace(service, wheel=wheel), tmp_path) / "hpc/make_environment.sh"
    assert os.access(script, os.X_OK)
    checked("shellcheck", script)


@pytest.mark.skipif(os.name == "nt", reason="runs bash")
def test_the_environment_asks_where_it_is_to_be_made(service: Service, tmp_path: Path) -> None:
    script = _written(service, tmp_path) / "hpc/make_environment.sh"
    done = subprocess.run([str(script)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "say where" in done.stderr


def test_lua_compiles_the_module(service: Service, tmp_path: Path) -> None:
    place = _written(replace(service, summary='A "\\" and\n]] or --'), tmp_path)
    checked("luac", "-p", place / "hpc/module.lua")


def test_a_job_loads_the_newest_environment_by_its_module(service: Service, tmp_path: Path) -> None:
    if not LMOD.is_dir():
        pytest.skip("Lmod is not installed (apt-get install lmod)")
    place = _written(service, tmp_path)
    modules = tmp_path / "modulefiles/bike_rides"
    modules.mkdir(parents=True)
    for version in ("20261129-200000", "20261130-080000"):
        shutil.copy(place / "hpc/module.lua", modules / f"{version}.lua")
    script = f'{MODULES}\nmodule load bike_rides\necho "$VIRTUAL_ENV"\necho "$PATH"\n'
    env = {"PATH": os.environ["PATH"], "MODULESHOME": str(LMOD), "MODULEPATH": str(modules.parent)}
    done = subprocess.run(["/bin/sh", "-c", script], env=env, capture_output=True, text=True, check=True, timeout=60)
    environment = f"{tmp_path}/bike_rides/20261130-080000"
    first, path = done.stdout.splitlines()
    assert first == environment and path.startswith(f"{environment}/bin:"), done.stderr
