"""The images of a project as they are built and run: the circuit turns in them."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
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


@pytest.fixture(scope="module")
def ui(repository: Path) -> Image:
    return _image("ui", repository)


@pytest.fixture(scope="module")
def volume(repository: Path, train: Image) -> Path:
    """What containers share, after a turn."""
    folder = repository / "volume"
    folder.mkdir()
    os.chown(folder, train.user, -1)
    turned = train.run("turn", "faces", "model=pca_linear", "data.rows=400", OMLOOP_WORKSPACE=str(folder))
    assert turned.wait(300) == 0, turned.communicate()[0][-2000:]
    return folder


def test_the_circuit_turns_in_the_images(volume: Path, train: Image, serve: Image) -> None:
    shared = {"OMLOOP_WORKSPACE": str(volume)}
    port = _free_port()
    server = serve.run(OMLOOP_PORT=str(port), OMLOOP_HOST="127.0.0.1", **shared)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_ready(f"{address}/readyz", server)
        assert _is_healthy(serve, port)
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


def test_the_page_shows_what_the_images_made_and_changes_it_for_a_key(
    volume: Path, train: Image, serve: Image, ui: Image
) -> None:
    shared, ports = {"OMLOOP_WORKSPACE": str(volume)}, (_free_port(), _free_port())
    server, address = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
    begun = [serve.run(OMLOOP_PORT=str(ports[0]), OMLOOP_HOST="127.0.0.1", **shared)]
    begun += [ui.run(OMLOOP_UI_PORT=str(ports[1]), OMLOOP_UI_SERVERS=f"faces={server}", **shared)]
    try:
        _wait_ready(f"{server}/readyz", begun[0])
        _wait_ready(f"{address}/healthz", begun[1])
        assert _is_healthy(ui, ports[1])
        shown = _answer(f"{address}/p/faces").decode()
        assert "Example 1" in shown and "does not answer" not in shown
        assert json.loads(_answer(f"{address}/api/v1/projects"))["projects"][0]["champion"]
        assert json.loads(_answer(f"{address}/api/v1/projects/faces/alerts"))["conditions"]
        assert _answer(f"{address}/", Host="rebound.example") == b"421"

        silence, body = f"{address}/api/v1/projects/faces/alerts/silence", {"seconds": 60, "reason": "a rehearsal"}
        assert _answer(silence, body) == b"403", "nobody was asked for a key"
        made = train.run("key", "new", "--role", "admin", **shared)
        key = made.communicate(timeout=60)[0].split()[0]
        time.sleep(2)  # keys are looked for once a second
        assert _answer(f"{address}/api/v1") == b"401"
        assert _is_healthy(ui, ports[1])
        assert json.loads(_answer(silence, body, **{"X-API-Key": key}))["because"] == "a rehearsal"
    finally:
        for one in begun:
            one.send_signal(signal.SIGTERM)
        (volume / "keys.jsonl").unlink(missing_ok=True)
    assert [one.wait(20) for one in begun] == [0, 0], [one.communicate()[0][-2000:] for one in begun]
    assert not list(ui.root.rglob(".nicegui")), "nothing is written beside the workspace"


def test_a_server_has_no_torch_and_nothing_that_trains(serve: Image) -> None:
    packages = _packages(serve)
    assert "omloop" in packages
    assert not packages & {"torch", "scikit_learn", "polars", "scipy", "pandas", "hydra_core", "pip", "setuptools"}


def test_a_page_has_what_looks_for_drift_and_nothing_that_trains(ui: Image) -> None:
    packages = _packages(ui)
    assert {"omloop", "nicegui", "scipy", "pyyaml"} <= packages
    assert not packages & {"torch", "scikit_learn", "polars", "pandas", "hydra_core", "matplotlib", "pip", "setuptools"}


def _packages(image: Image) -> set[str]:
    """The packages of an image by their names; how many and how large they are is printed."""
    found = {path.name.split("-")[0].lower() for path in image.root.rglob("site-packages/*.dist-info")}
    size = sum(path.stat().st_size for path in image.root.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{image.root.name}: {len(found)} packages, {size / 1e6:.0f} MB")  # noqa: T201
    return found


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


def _is_healthy(image: Image, port: int) -> bool:
    """What the image's own health check says of a container at another port."""
    asked = [word.replace(":8080", f":{port}") for word in image.words["HEALTHCHECK"]]
    return subprocess.run(asked, env=image.env, check=False, timeout=30).returncode == 0


def _answer(address: str, body: object = None, **headers: str) -> bytes:
    """What is answered, to a body of JSON where there is one; the status alone where it is an error."""
    sent = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address, sent, {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        return str(error.code).encode()


def _wait_ready(address: str, server: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, server.communicate()[0][-2000:]
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} did not answer within a minute")
