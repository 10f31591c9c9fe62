"""Answers of a version on trial in the log, beside the predictions."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omloop.monitor import FilePredictions, Keeping
from omloop.testing.predictions import a_prediction, a_shadow

DAY = 86_400.0
WRITER = """
import sys
from pathlib import Path
from omloop.monitor import FilePredictions
from omloop.testing.predictions import a_prediction, a_shadow

memory = FilePredictions(Path(sys.argv[1]))
for number in range(10_000):
    memory.record([a_prediction(f"{number:05}", number)])
    memory.record_shadows([a_shadow(f"{number:05}", number, {"value": number})])
    print(f"{number:05}", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_pairs_survive_the_death_of_the_process(tmp_path: Path) -> None:
    """Killed with SIGKILL, three times over the same folder: what was recorded is there, once, with both answers."""
    said: list[str] = []
    for lines in (40, 90, 10):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said += [process.stdout.readline().strip() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        process.communicate()
    memory = FilePredictions(tmp_path)
    window = memory.shadowed("v2")
    assert {*said} <= {*window.shadows} == {found.id for found in window.predictions}
    assert all(shadow.output == {"value": int(id_)} for id_, shadow in window.shadows.items())
    assert memory.damage().broken == 0
    (tmp_path / "index.sqlite").unlink()
    assert memory.shadowed("v2") == window
    memory.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say who writes a file")
def test_what_is_forgotten_takes_its_shadows_along(tmp_path: Path) -> None:
    write(tmp_path, "a", 0.0)
    write(tmp_path, "b", 3 * DAY)
    memory = FilePredictions(tmp_path, clock=lambda: 3 * DAY, keeping=Keeping(seconds=DAY))
    assert list(memory.shadowed("v2").shadows) == ["a", "b"]
    memory.tidy()
    assert list(memory.shadowed("v2").shadows) == ["b"]
    memory.record([a_prediction("a", 0.0)])
    assert list(memory.shadowed("v2").shadows) == ["b"]
    memory.close()


def write(folder: Path, name: str, moment: float) -> None:
    """A segment with a prediction and a shadow, last written at `moment`."""
    before = {*(folder / "segments").glob("*")}
    memory = FilePredictions(folder, clock=lambda: moment)
    memory.record([a_prediction(name, moment)])
    memory.record_shadows([a_shadow(name, moment, None)])
    memory.close()
    (segment,) = {*(folder / "segments").iterdir()} - before
    os.utime(segment, (moment, moment))
