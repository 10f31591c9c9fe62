"""The images of a project as they are built and run: the circuit turns in them."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deploy.image_steps import Image, repository_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    with repository_of("faces", "docker") as folder:
        yield folder


def _image(kind: str, repository: Path) -> Image:
    return Image(repository / f"deploy/faces/{kind}.Dockerfile", repository, repository / "images" / kind)


@pytest.fixture(scope="module")
def train(repository: Path) -> Image:
    return _image("train", repository)


@pytest.fixture(scope="module")
def serve(repository: Path) -> Image:
    return _image("serve", repository)


def test_the_circuit_turns_in_the_images(repository: Path, train: Image, serve: Image) -> None:
    volume = repository / "volume"
    volume.mkdir()
    os.chown(volume, train.user, -1)
    shared = {"OMLOOP_WORKSPACE": str(volume)}
    turned = train.run("turn", "faces", "model=pca_linear", "data.rows=400", **shared)
    assert turned.wait(300) == 0, turned.communicate()[0][-2000:]

    port = _free_port()
    server = serve.run(OMLOOP_PORT=str(port), OMLOOP_HOST="127.0.0.1", **shared)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_ready(address, server)
        healthy = [word.replace(":8080", f":{port}") for word in serve.words["HEALTHCHECK"]]
        assert subprocess.run(healthy, env=serve.env, check=False, timeout=30).returncode == 0
        sample = {"rows": json.loads(next(volume.rglob("examples.json")).read_bytes())["rows"][:1]}
        asked = urllib.request.Request(
            f"{address}/v1/predict", json.dumps(sample).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert json.load(answer)["predictions"][0]["label"]
        looked = train.run("watch", "faces", "--once", "--server", address, **shared)
        assert looked.wait(120) == 0, looked.communicate()[0][-2000:]
    finally:
        server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0, server.communicate()[0][-2000:]
    assert list((volume / "predictions").rglob("*")), "what was answered is in the log"


def test_a_server_has_no_torch_and_nothing_that_trains(serve: Image) -> None:
    packages = {path.name.split("-")[0].lower() for path in serve.root.rglob("site-packages/*.dist-info")}
    assert "omloop" in packages
    assert not packages & {"torch", "scikit_learn", "polars", "scipy", "pandas", "hydra_core", "pip", "setuptools"}
    size = sum(path.stat().st_size for path in serve.root.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"the server's environment: {len(packages)} packages, {size / 1e6:.0f} MB")  # noqa: T201


def test_the_user_of_an_image_may_write_nothing_but_its_state(serve: Image) -> None:
    if serve.user != 10001:
        pytest.skip("only root can begin a process of another user, with a Python that all may reach")
    probe = "import os, sys; print([path for path in sys.path if os.access(path, os.W_OK)])"
    program = str(serve.root / "opt/omloop/venv/bin/python")
    done = subprocess.run([program, "-c", probe], user=10001, capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.strip() == "[]"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_ready(address: str, server: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, server.communicate()[0][-2000:]
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server was not ready after a minute")
