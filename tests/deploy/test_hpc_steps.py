"""What jobs of a cluster run in, made as a person makes it: a real Slurm of one node trains in it."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.compute.one_node import is_there, one_node
from tests.deploy.apptainer import build
from tests.deploy.image_steps import repository_of

LMOD = Path("/usr/share/lmod/lmod")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not is_there(), reason="needs Slurm (apt-get install slurm-wlm), and root"),
]
TURN = "omloop turn faces model=pca_linear data.rows=400 --on slurm --wait"


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    with repository_of("faces", "hpc") as folder:
        yield folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Variables of a person who is logged in to a cluster with Slurm and Lmod."""
    with one_node(tmp_path_factory.mktemp("slurm")) as conf:
        yield {"SLURM_CONF": str(conf), "HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}


@pytest.mark.skipif(not LMOD.is_dir(), reason="needs Lmod (apt-get install lmod)")
def test_jobs_run_in_the_environment_that_the_module_loads(repository: Path, cluster: Mapping[str, str]) -> None:
    prefix = repository / "shared"
    _run(f"deploy/faces/hpc/make_environment.sh {prefix}", repository, cluster)
    login = f". {LMOD}/init/bash; module use {prefix}/modulefiles; module load faces"
    setup = {"OMLOOP_COMPUTE_SETUP": "module load faces && command -v omloop", "OMLOOP_WORKSPACE": "by-module"}
    _run(f"{login}; {TURN}", repository, {**cluster, **setup})
    (environment,) = (prefix / "faces").iterdir()
    (job,) = (repository / "by-module/jobs/faces").iterdir()
    assert (job / "slurm.out").read_text() == f"{environment}/bin/omloop\n"
    assert f"exec {environment}/bin/python" in (job / "job.sh").read_text()
    assert list((repository / "by-module/versions/faces/bundles").iterdir())


def test_jobs_run_in_the_image(repository: Path, cluster: Mapping[str, str], tmp_path: Path) -> None:
    program = build(repository / "deploy/faces/hpc/train.def", repository, tmp_path)
    python = {"OMLOOP_COMPUTE_PYTHON": f"{program} exec train.sif python", "OMLOOP_WORKSPACE": "by-image"}
    _run(TURN, repository, {**cluster, **python, "PYTHONPATH": str(Path(__file__).parents[2] / "src")})
    (job,) = (repository / "by-image/jobs/faces").iterdir()
    assert f"\nexec {program} exec train.sif python -m omloop" in (job / "job.sh").read_text()
    assert list((repository / "by-image/versions/faces/bundles").iterdir())


def _run(script: str, folder: Path, env: Mapping[str, str]) -> str:
    words = ["bash", "-c", f"set -e; {script}"]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout
