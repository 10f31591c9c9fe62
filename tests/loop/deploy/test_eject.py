"""A project that was ejected, where omloop is not installed: its own tests, and its answers beside `omloop serve`'s."""

import base64
import io
import json
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import PIL.Image
import pytest
from tests.deploy.eject_bundles import BUNDLES

from omloop.bundle import Bundle
from omloop.core import OmloopError, Settings
from omloop.loop import Workspace
from omloop.loop.deploy.eject import RECORD, eject_project

ODD = [None, "", "7", True, [1], {"a": 1}, -1e9, 1e39, 16_777_217, 3.5, 12, "2024-02-30", "2024-01-31T09:30:00+02:00"]
ODD += [
    "31.01.2024",
    "f",
    "Orle\u0301ans",
    "somewhere",
    "So <b>good</b>,\u00a0so bad &amp; good!",
    "x" * 61,
    "2024-01-31",
]
BROKEN = [
    b"",
    b"{",
    b"[]",
    b'{"rows": []}',
    b'{"rows": 3}',
    b'{"rows": [3]}',
    b'{"row": []}',
    b"\xff\xfe",
    b'"\\ud800"',
]


def made(folder: Path, bundle: Bundle, name: str = "tiny") -> Workspace:
    """A workspace whose champion is the bundle."""
    workspace = Workspace(Settings(workspace=str(folder)))
    registry = workspace.registry(name)
    registry.promote(registry.add(bundle, by="test"), expected=None, by="test", reason="", insist=True)
    return workspace


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with what ejected projects ask for, and what their tests take, and no omloop."""
    root = tmp_path_factory.mktemp("without")
    wanted = set[str]()
    for name in ("number", "image", "tokens"):
        workspace = made(root / name / "ws", BUNDLES[name]())
        eject_project("tiny", workspace, root / name / "out")
        wanted |= set((root / name / "out/requirements.txt").read_text().split())
    tools = (root / "number/out/README.md").read_text().partition("`pip install ")[2].partition("`")[0].split()
    venv.create(root / "venv", with_pip=True)
    found = root / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([found, "-m", "pip", "install", "-q", *sorted(wanted), *tools], check=True, timeout=800)
    gone = subprocess.run([found, "-c", "import omloop"], env=_env(), capture_output=True, text=True, check=False)
    assert "No module named 'omloop'" in gone.stderr
    return found


def _env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@contextmanager
def running(command: list[str], address: str, folder: Path, env: dict[str, str]) -> Iterator[httpx.Client]:
    """A server, once it is ready, and a client of it."""
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = httpx.Client(base_url=address, timeout=30)
    try:
        for _ in range(300):
            try:
                if client.get("/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _pictures() -> list[tuple[str, bytes]]:
    """Files of all kinds: large, lying on their side, transparent, with a palette, of 16 bits, broken."""
    noise = np.random.default_rng(0).integers(0, 256, (300, 200, 4), np.uint8)
    files = []
    for mode, kind in [("RGB", "JPEG"), ("RGBA", "PNG"), ("P", "GIF"), ("RGB", "WEBP"), ("L", "BMP"), ("I;16", "PNG")]:
        image = PIL.Image.fromarray(noise).convert("L" if mode == "I;16" else mode).convert(mode)
        exif = PIL.Image.Exif()
        exif[0x0112] = 6
        written = io.BytesIO()
        image.save(written, kind, **({"exif": exif} if kind in ("JPEG", "WEBP") else {}))
        files.append((f"image/{kind.lower()}", written.getvalue()))
    half = files[0][1][: len(files[0][1]) // 2]
    return [*files, ("image/png", b""), ("image/png", b"no picture"), ("image/jpeg", half), ("image/gif", files[1][1])]


def _bodies(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    """The bundle's own examples, and requests that are wrong in every way, with their content types."""
    plain, rows = "application/json", bundle.examples.rows
    tell: Callable[[object], bytes] = lambda row: json.dumps({"rows": [row, rows[0]]}).encode()  # noqa: E731
    yield plain, json.dumps({"rows": rows}).encode()
    yield from ((plain, json.dumps({"rows": [row]}).encode()) for row in rows[:20])
    yield from ((plain, body) for body in BROKEN)
    yield from ((kind, b"{}") for kind in ("", "text/html"))
    first: dict[str, Any] = dict(rows[0])  # type: ignore[call-overload]
    for name in first:
        yield plain, tell({key: value for key, value in first.items() if key != name})
        yield plain, tell(first | {name: float("nan")})
        yield from ((plain, tell(first | {name: odd})) for odd in ODD)
    yield plain, tell(first | {"no_such": 1, "total": 2, "passed": 3})
    yield plain, tell({key: [0] for key in first})
    yield plain, json.dumps({"rows": [first, {}, 7, {"x": 1}]}).encode()
    kind = bundle.manifest.inputs["kind"]
    if kind == "text":
        yield from (("text/plain", body) for body in (b"so good", "großartig".encode(), b"", b"\xff", b"a\0b"))
    if kind == "image":
        files = _pictures()
        yield from files
        (name,) = first
        yield from ((plain, tell({name: base64.b64encode(file).decode()})) for _, file in files)
        yield plain, tell({name: f"data:image/png;base64,{first[name]}"})


def _told(response: httpx.Response) -> tuple[int, Any]:
    """What an answer says, without its ids and messages."""
    body = response.json()
    if response.status_code == 200:
        return 200, [{key: value for key, value in one.items() if key != "id"} for one in body["predictions"]]
    error = body["error"]
    return response.status_code, (error["code"], error.get("field"), [one["field"] for one in error.get("faults", [])])


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return other == pytest.approx(one, rel=1e-6, abs=1e-6)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _compare(workspace: Workspace, name: str, python: Path, folder: Path) -> int:
    """Run the ejected project's tests, then ask it what `omloop serve` is asked; gives the number of answers."""
    eject_project(name, workspace, folder)
    tests = subprocess.run(
        [python, "-m", "pytest", "-q"], cwd=folder, env=_env(), capture_output=True, text=True, check=False
    )
    assert tests.returncode == 0, tests.stdout[-3000:]
    ports = _free_port(), _free_port()
    serve = [sys.executable, "-m", "omloop", "serve", name, "--port", str(ports[0])]
    serve += ["--workspace", str(workspace.root.resolve()), "--projects", workspace.settings.projects]
    plain = [str(python), "-m", "uvicorn", "app:app", "--port", str(ports[1])]
    bundle = workspace.registry(name).load(workspace.registry(name).require_champion())
    asked, differ = list(_bodies(bundle)), []
    with (
        running(serve, f"http://127.0.0.1:{ports[0]}", folder, dict(os.environ)) as ours,
        running(plain, f"http://127.0.0.1:{ports[1]}", folder, _env()) as theirs,
    ):
        for media, body in asked:
            headers = {"content-type": media} if media else {}
            one, other = (_told(client.post("/v1/predict", content=body, headers=headers)) for client in (ours, theirs))
            if not _same(one, other):
                differ.append((media, body[:300], one, other))
        for path in ("/healthz", "/readyz"):
            assert ours.get(path).json() == theirs.get(path).json()
        assert theirs.get("/metrics").status_code == 200
        assert theirs.get("/nowhere").json()["error"]["code"] == "not_found"
    assert not differ, "\n".join(f"{one}" for one in differ[:5]) + f"\n{len(differ)} of {len(asked)}"
    drift = subprocess.run([python, "drift.py"], cwd=folder, env=_env(), capture_output=True, text=True, check=False)
    assert drift.returncode in (0, 2, 3), drift.stderr
    return len(asked)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", BUNDLES)
def test_an_ejected_project_answers_as_omloop_does(name: str, python: Path, tmp_path: Path) -> None:
    workspace = made(tmp_path / "ws", BUNDLES[name]())
    assert _compare(workspace, "tiny", python, tmp_path / "out") > 40


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_real_project_answers_as_omloop_does(turned: Workspace, python: Path, tmp_path: Path) -> None:
    assert _compare(turned, "student_performance", python, tmp_path / "out") > 100


def test_only_a_folder_of_ours_is_written_into(tmp_path: Path) -> None:
    workspace, folder = made(tmp_path / "ws", BUNDLES["number"]()), tmp_path / "out"
    done = eject_project("tiny", workspace, folder)
    assert sorted(done.code) == sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "model"
    )
    (folder / "predictions.jsonl").write_text("")
    assert eject_project("tiny", workspace, folder) == done
    (folder / "app.py").write_text("mine")
    with pytest.raises(OmloopError, match=r"changed by hand since it was ejected: app\.py"):
        eject_project("tiny", workspace, folder)
    (folder / RECORD).unlink()
    with pytest.raises(OmloopError, match="is not empty"):
        eject_project("tiny", workspace, folder)
