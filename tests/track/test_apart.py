import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omloop.core import Annotation, LoggedStep, OmloopError, StoreError, VersionLine
from omloop.testing.mirror import a_version
from omloop.track.apart import ApartMirror

# A stranger's mirror: a package with an entry point, which writes down what it is told.
POINT = "[omloop.mirror]\nnotes = noted_mirror:Notes\n"
CODE = """
import json, os, time
class Notes:
    def __init__(self, path): self.path = path
    @classmethod
    def of(cls, address, folder): return cls(folder / "notes.txt")
    def note(self, *words):
        print("noise that is no answer")
        with self.path.open("a") as file: file.write(json.dumps(words) + "\\n")
    def start(self, project, run, config, facts):
        self.note("start", run, os.getpid())
        return Run(self)
    def annotate(self, project, run, change): self.note("annotate", change.note)
    def register(self, line): self.note("register", line.champion, len(line.read(line.champion).files))
class Run:
    def __init__(self, notes): self.notes = notes
    def log(self, steps): self.notes.note("log", *(one.metrics["loss"] for one in steps))
    def keep(self, name, content):
        if name == "away": raise ConnectionError("down")
        if name == "odd": raise ValueError("odd name")
        if name == "hang": time.sleep(600)
        self.notes.note("keep", name, len(content))
    def annotate(self, change): self.notes.note("tags", dict(change.tags))
    def finish(self, status, summary): self.notes.note("finish", status)
"""


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    packages = tmp_path / "packages"
    about = packages / "noted_mirror-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: noted-mirror\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINT)
    (packages / "noted_mirror.py").write_text(CODE)
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")]))
    return tmp_path / "notes.txt"


def test_a_mirror_in_another_process_is_told_all_and_answers(stranger: Path) -> None:
    mirror = ApartMirror("notes", stranger.parent)
    run = mirror.start("toy", "a", "seed: 1\n", {"python": "3.11"})
    run.log([LoggedStep(0, 1e9, {"loss": 0.5})])
    run.keep("a.bin", b"\x00\xff")
    with pytest.raises(ConnectionError, match="down"):
        run.keep("away", b"")
    with pytest.raises(OmloopError, match="odd name"):
        run.keep("odd", b"")
    run.annotate(Annotation({"for": "paper"}))
    mirror.register(VersionLine("toy", ("ab",), "ab", a_version))

    def spoilt(version: str) -> None:
        raise StoreError("cut")

    with pytest.raises(OmloopError, match="version ab cannot be read"):
        mirror.register(VersionLine("toy", ("ab",), "ab", spoilt))
    run.finish("finished", {"metrics": {}})
    mirror.kill()
    told = stranger.read_text()
    assert '["log", 0.5]' in told and '["keep", "a.bin", 2]' in told and '["register", "ab", 2]' in told
    assert told.endswith('["finish", "finished"]\n')


KILLED = """
import sys, time
from pathlib import Path
from omloop.track.apart import ApartMirror
run = ApartMirror("notes", Path(sys.argv[1])).start("toy", "a", "", {})
print("begun", flush=True)
time.sleep(600)
"""


def test_a_run_whose_training_is_killed_is_closed_as_killed(stranger: Path) -> None:
    words = [sys.executable, "-c", KILLED, str(stranger.parent)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as training:
        assert training.stdout is not None and training.stdout.readline() == "begun\n"
        training.send_signal(signal.SIGKILL)
    while '["finish", "killed"]' not in stranger.read_text():
        time.sleep(0.02)
