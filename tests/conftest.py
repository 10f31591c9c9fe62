"""What tests of the loop and the command line share: the reference project, and a workspace after one turn."""

import os

# Each core has a worker of its own: more threads of torch, scikit-learn and NumPy, which read this when they are first
# imported, take a third more CPU time for the same tests.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from tests.chromium import chromium
from tests.untraced import Plugin, import_untraced

from omloop.bundle import Session
from omloop.cli import main
from omloop.core import Label, Prediction, Project, Settings
from omloop.loop import Workspace, find_project
from omloop.monitor import new_id

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long a machine takes says nothing of what is tested: speed lies in benchmarks.
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")

ROOT = Path(__file__).parent.parent
NAME = "student_performance"
SMALL = ["data.rows=600", "model=linear"]


def pytest_configure(config: pytest.Config) -> None:
    import_untraced()
    config.pluginmanager.register(Plugin(), "untraced")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Search for garbage seldom, and never in what was imported and collected: a million objects, a second each."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A headless Chromium for all tests of a file: as long as it is there, no other event loop may run."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(projects=str(ROOT / "projects"))


@pytest.fixture(scope="session")
def student(settings: Settings) -> Project:
    """The reference project over a table."""
    return find_project(NAME, settings)


@pytest.fixture
def workspace(settings: Settings, tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace(replace(settings, workspace=str(tmp_path / "ws")))


@pytest.fixture(scope="session")
def _turned(settings: Settings, student: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from omloop.loop.project.plan import Plan
    from omloop.loop.turn.turn import turn

    root = tmp_path_factory.mktemp("turned") / "ws"
    turn(Plan.of(student, SMALL, Workspace(replace(settings, workspace=str(root)))))
    return root


@pytest.fixture
def turned(_turned: Path, workspace: Workspace) -> Workspace:
    """A workspace whose project has a champion, made by one small turn; each test has a copy of its own."""
    shutil.copytree(_turned, workspace.root)
    return workspace


@pytest.fixture(scope="session")
def _watched(settings: Settings, student: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from omloop.loop.project.plan import Plan
    from omloop.loop.turn.turn import turn

    root = tmp_path_factory.mktemp("watched") / "ws"
    turn(Plan.of(student, ["data.rows=1200", "model=linear"], Workspace(replace(settings, workspace=str(root)))))
    return root


@pytest.fixture
def watched(_watched: Path, workspace: Workspace) -> Workspace:
    """A workspace whose champion knows from its data how much traffic varies, so that drift rings at once."""
    shutil.copytree(_watched, workspace.root)
    return workspace


@pytest.fixture
def go_live(student: Project) -> Callable[..., None]:
    """Answer simulated rows with a workspace's champion and log them, with their labels, as the server does."""

    def go(workspace: Workspace, rows: int, *, drift: float, seed: int, labelled: bool = True) -> None:
        registry = workspace.registry(student.name)
        version = registry.champion() or ""
        session = Session.of(registry.load(version))
        records = student.simulate(rows, seed, drift)
        examples = session.inputs.encode(records)
        answers = session.outputs.answer(session.predict(examples))
        inputs, now = session.inputs.render(examples), time.time()
        ids = [new_id() for _ in answers]
        log = workspace.predictions(student.name)
        log.record([Prediction(i, now, version, r, a, 1.0) for i, r, a in zip(ids, inputs, answers, strict=True)])
        if labelled:
            truth = [student.outputs.parse(float(value)) for value in records[student.target]]
            log.feedback([Label(i, t, now) for i, t in zip(ids, truth, strict=True)])
        log.close()

    return go


Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def omloop(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Iterator[Say]:
    """Run one command line in the test's workspace; gives (exit code, standard output, standard error)."""
    common = ["--workspace", workspace.settings.workspace, "--projects", workspace.settings.projects]

    def say(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in (*words, *common)])
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    yield say


@pytest.fixture
def omloop_json(omloop: Say) -> Callable[..., Any]:
    """Run one command line with --json, which must succeed, and decode what it printed."""

    def say(*words: object) -> Any:
        code, out, err = omloop(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    return say


@pytest.fixture(scope="session")
def real_students() -> Path:
    """The real records; tests that need them are skipped where they are not."""
    folder = Path(os.environ.get("OMLOOP_DATA", ROOT.parent / "shared" / "data"))
    path = folder / NAME / "ai_impact_student_performance_dataset.csv"
    if not path.is_file():
        pytest.skip(f"needs the real data; set OMLOOP_DATA to the folder that holds {NAME}/")
    return path


@dataclass(frozen=True)
class ObjectService:
    """A service of buckets on loopback, behind a proxy that answers wrongly when it is told to."""

    scheme: str
    proxy: str

    def make(self, bucket: str) -> str:
        """Make a bucket, and give its address."""
        if self.scheme == "s3":
            self._ask(f"/{bucket}", method="PUT")
        else:
            self._ask("/storage/v1/b?project=test", json.dumps({"name": bucket}).encode(), method="POST")
        return f"{self.scheme}://{bucket}"

    def fail(self, *faults: str) -> None:
        """Let the next requests go wrong, such as `lost PUT`, `unavailable`; see tests/buckets/faulty.py."""
        told = [dict(zip(("do", "method"), fault.split(), strict=False)) for fault in faults]
        self._ask("/_fault", json.dumps(told).encode(), method="POST")

    def asked(self) -> list[str]:
        """What was asked of the service since the last time, such as `GET /bucket/key`."""
        return list(json.loads(self._ask("/_asked", method="POST")))

    def _ask(self, path: str, body: bytes = b"", *, method: str) -> bytes:
        with urllib.request.urlopen(
            urllib.request.Request(self.proxy + path, body, method=method), timeout=30
        ) as answer:
            return bytes(answer.read())


@pytest.fixture(scope="session")
def object_services() -> Iterator[Callable[[str], ObjectService]]:
    """Each service by its scheme, started when it is first asked for."""
    started: dict[str, ObjectService] = {}
    processes: list[subprocess.Popen[str]] = []

    def start(script: str, *words: str) -> str:
        told = [sys.executable, str(ROOT / "tests/buckets" / script), *words]
        process = subprocess.Popen(
            told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        processes.append(process)
        return process.stdout.readline().strip() if process.stdout else ""

    def service(scheme: str) -> ObjectService:
        if scheme not in started:
            port = start("faulty.py", start("s3_server.py" if scheme == "s3" else "gcs_server.py"))
            started[scheme] = ObjectService(scheme, f"http://127.0.0.1:{port}")
        return started[scheme]

    yield service
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def object_service(
    scheme: str, object_services: Callable[[str], ObjectService], monkeypatch: pytest.MonkeyPatch
) -> ObjectService:
    """The service of the fixture `scheme`, found by the variables that its own libraries read."""
    service = object_services(scheme)
    service.fail()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    told = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**told, "AWS_ENDPOINT_URL": service.proxy, "STORAGE_EMULATOR_HOST": service.proxy}.items():
        monkeypatch.setenv(name, value)
    return service


@pytest.fixture
def bucket(object_service: ObjectService) -> str:
    """The address of an empty bucket."""
    return object_service.make(f"omloop-{new_id()[-12:].lower()}")
