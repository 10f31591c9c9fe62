"""Commands on the front page and on how-to pages, run in their order, each page in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.commands_of_pages import NOT_RUN, PAGES, REFUSED, ROOT, Command, commands

ALL = [command for page in PAGES for command in commands(page)]
LIMIT_S = 300.0
READY_S = 60.0
HELD, DID_NOT_HOLD, INTERRUPTED = 0, 3, 130
ADDRESS = "http://127.0.0.1:8000"
BEFORE = {
    "evaluate": ["faces"],
    "explain": ["skin_lesion", "imdb"],
    "optimise": ["emotion"],
    "pictures": ["faces"],
    "profile": ["emotion"],
}
"""Projects that a page wants a version of, beside student_performance."""
SERVED = ("probe", "load", "watch", "alerts")
"""Pages whose commands ask a server."""

FILES = """
import sys
from pathlib import Path
import numpy as np
import polars as pl
from PIL import Image
from tests.report.course.synthetic import report
sys.path.insert(0, "projects")
from student_performance.simulate import simulate as students
from imdb.simulate import simulate as reviews

def table(rows, seed, drift=0.0):
    return pl.DataFrame(students(rows, seed, drift))

table(600, 1).write_csv("students.csv")
table(600, 2).write_csv("new.csv")
table(600, 3).write_csv("last-month.csv")
table(2000, 4).write_parquet("students.parquet")
known = pl.DataFrame(reviews(400, 5, 0.0))
Path("imdb").mkdir()
known[:300].write_parquet("imdb/train.parquet")
known[300:].write_parquet("imdb/test.parquet")
known.write_csv("IMDB Dataset.csv")
Path("review.txt").write_text(known["review"][0])
Path("long-review.txt").write_text(" ".join(known["review"][:60]))
random = np.random.default_rng(6)
rides = pl.DataFrame({"km": random.uniform(1, 20, 400).round(2), "hour": random.integers(0, 24, 400)})
rides.with_columns(minutes=(pl.col("km") * 3 + 5).round(1)).write_csv("rides.csv")
for name in ("one.jpg", "two.png", "lesion.jpg"):
    Image.fromarray(random.integers(0, 255, (150, 200, 3), np.uint8)).save(name)
for name, text in {"careful.yaml": "promote: ask", "eager.yaml": "drift: retrain"}.items():
    Path(name).write_text(text)
for folder in ("reports", "../their-project/reports"):
    Path(folder).mkdir(parents=True)
    Path(folder, "README.md").write_text(report(ticked=3))
"""
HISTORY = {
    "data": """
git init -q && git add projects && git commit -qm "The project"
omloop data-version add student_performance data=file data.path=students.csv
git add students.csv.dvc .gitignore .dvc && git commit -qm "Students of April" && git tag v1
cp new.csv students.csv
""",
    "github": "git init -q",
}
"""What the reader of a page has who has a git repository."""


def test_reasons_not_to_run_a_command_are_of_commands_that_there_are() -> None:
    assert [begin for begin in (*NOT_RUN, *REFUSED) if not any(command.text.startswith(begin) for command in ALL)] == []


class Stage:
    """A folder in which commands of a page run, with the projects, data files and a workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.page_port = free_port(), free_port()
        self.words: dict[str, str] = {}

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("OMLOOP_", "PYTHON"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
        ports = {"OMLOOP_PORT": str(self.port), "OMLOOP_UI_PORT": str(self.page_port)}
        names = {f"GIT_{who}_{what}": "reader" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        home = {"PATH": path, "COLUMNS": "100", "HOME": str(self.folder.parent), "BROWSER": "true"}
        return own | ports | names | home

    def run(self, text: str) -> str:
        """What the command printed; fails if it refused, or took too long."""
        done = subprocess.run(
            ["bash", "-c", self.spelt(text)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        expected = (1,) if text in REFUSED else (HELD, DID_NOT_HOLD)
        assert done.returncode in expected, f"$ {text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def versions(self, project: str = "student_performance") -> list[str]:
        """A project's versions."""
        return [one["version"] for one in json.loads(self.run(f"omloop versions {project} --json"))]

    def champion(self) -> str:
        """The champion of student_performance."""
        found = json.loads(self.run("omloop versions student_performance --json"))
        return next(one["version"] for one in found if one["champion"])

    def try_out(self, command: Command) -> None:
        """Run a command to its end, or until it listens; nothing if there is a reason not to."""
        if command.stays and not command.reason:
            with self.running(command.text):
                pass
        elif not command.reason:
            self.run(command.text)

    @contextmanager
    def running(self, text: str) -> Iterator[None]:
        """What goes on, while it does; it must end well when it is interrupted."""
        said = self.folder.parent / f"said-{time.monotonic_ns()}.txt"
        # Whoever starts the tests in the background has switched the signal off for what they start.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        with said.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", self.spelt(text)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            try:
                self._wait(process, said, serves=" serve " in text)
                yield
            finally:
                signal.signal(signal.SIGINT, before)
                os.killpg(process.pid, signal.SIGINT)
                try:
                    code = process.wait(READY_S)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    raise
        assert code in (HELD, INTERRUPTED, -signal.SIGINT), f"$ {text}\nended with {code}:\n{said.read_text()[-3000:]}"

    def _wait(self, process: "subprocess.Popen[bytes]", said: Path, *, serves: bool) -> None:
        ends = time.monotonic() + LIMIT_S
        while time.monotonic() < ends:
            if listens(self.port) if serves else said.read_text():
                return
            assert process.poll() is None, said.read_text()[-3000:]
            time.sleep(0.2)
        raise AssertionError(f"nothing happened:\n{said.read_text()[-3000:]}")

    def spelt(self, text: str) -> str:
        """The command with the names and addresses of this folder."""
        for word, own in self.words.items():
            text = text.replace(word, own)
        return text.replace(ADDRESS, f"http://127.0.0.1:{self.port}")


def free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
    return port


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage with two versions and two runs of student_performance, and logged predictions of the first."""
    stage = Stage(tmp_path_factory.mktemp("pages") / "here")
    without = shutil.ignore_patterns("__pycache__", "test_*")
    shutil.copytree(ROOT / "projects", stage.folder / "projects", ignore=without)
    subprocess.run(
        [sys.executable, "-c", FILES], cwd=stage.folder, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    stage.run("omloop turn student_performance model=linear data.rows=800")
    before = stage.champion()
    stage.run("omloop turn student_performance model=mean data.rows=700 promote=ask")
    later = next(one for one in stage.versions() if one != before)
    stage.run(f"omloop promote student_performance {later} --force --reason 'to go back from'")
    stage.run("omloop turn student_performance model=linear data.rows=600 promote=ask")
    other = next(one for one in stage.versions() if one not in (before, later))
    stage.run("omloop turn student_performance model=linear data.rows=500 promote=ask")
    tried = next(one for one in stage.versions() if one not in (before, later, other))
    given = json.loads(stage.run("omloop predict student_performance --examples 30"))
    (stage.folder / "row.json").write_text(json.dumps(given["rows"][0]))
    with stage.running("omloop serve student_performance"):
        answered = post(stage.port, given)
    runs = [one["run"] for one in json.loads(stage.run("omloop runs student_performance --json"))]
    stage.words = {
        "trial student_performance 3f9a2c": f"trial student_performance {tried}",
        "runs student_performance 4f1c0b": f"runs student_performance {runs[0]}",
        **dict.fromkeys(("3f9a2c", "4f1c0b"), other),
        **dict.fromkeys(("81bc04", "832f76b52bdd"), before),
        "c0526e": runs[0],
        "3f9c1a": runs[1],
        "20261129-0339": runs[2],
        **dict.fromkeys(("019b2f-...", "18ece4b9496e7c7ed13c40d6e7"), answered["predictions"][0]["id"]),
        "gs://my-bucket/data": str(stage.folder.parent / "remote"),
        "omloop predict NAME": "omloop predict faces",
    }
    return stage


def post(port: int, body: object) -> Any:
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/predict", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=READY_S) as response:
        return json.load(response)


@pytest.fixture
def stage(first: Stage, tmp_path: Path) -> Stage:
    """The first stage again, in a folder of its own."""
    found = Stage(tmp_path / "here")
    shutil.copytree(first.folder.parent, tmp_path, dirs_exist_ok=True)
    found.words = first.words
    return found


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_commands_of_a_page_run_in_their_order(page: Path, stage: Stage) -> None:
    for project in BEFORE.get(page.stem, ()):
        stage.run(f"omloop turn {project} experiment=quick promote=auto")
        (made,) = stage.versions(project)
        stage.words = {f"{project} --version 4f1c0b": f"{project} --version {made}", **stage.words}
    if history := HISTORY.get(page.stem):
        stage.run(history)
    failures = []
    with ExitStack() as beside:
        if page.stem in SERVED:
            beside.enter_context(stage.running("omloop serve student_performance"))
        for command in commands(page):
            try:
                stage.try_out(command)
            except (AssertionError, subprocess.TimeoutExpired) as failure:
                failures.append(f"{page.name}:{command.line}: {failure}")
    assert not failures, "\n\n".join(failures)
