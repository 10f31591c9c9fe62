"""`omloop probe` as a user types it."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from omloop.loop import Workspace
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

Say = Callable[..., tuple[int, str, str]]
NOBODY = "http://127.0.0.1:9"


def test_a_server_that_is_well_is_one_line_and_no_alarm(omloop: Say) -> None:
    app = create_app(Champion(MemoryVersions(tiny_bundle())), MemoryPredictions(), new_id=new_id)
    with running(app) as url:
        code, out, err = omloop("probe", "tiny", "--url", url, "--once", "--slow-ms", 60_000)
    assert code == 0 and err == ""
    assert re.search(r"  ok  +health \d+\.\d ms, ready \d+\.\d ms, prediction \d+\.\d ms  [0-9a-f]{12}\n$", out)


def test_a_server_that_is_down_is_an_alarm(omloop: Say) -> None:
    code, out, err = omloop("probe", "tiny", "--url", NOBODY, "--once")
    assert code == 3 and "  down  " in out and "ok -> down" in err and "WARNING" in err


def test_json_is_one_line_a_round(omloop: Say, tmp_path: Path) -> None:
    words = ["--json", "--metrics-file", tmp_path / "omloop.prom"]
    code, out, _ = omloop("probe", "tiny", "--url", NOBODY, "--once", *words)
    assert code == 3 and out.count("\n") == 1 and json.loads(out)["checks"]["health"]["state"] == "down"
    assert "omloop_probe_rounds_total" in (tmp_path / "omloop.prom").read_text()


def test_it_outlives_the_server_and_ends_with_ctrl_c(workspace: Workspace) -> None:
    app = create_app(Champion(MemoryVersions(tiny_bundle())), MemoryPredictions(), new_id=new_id)
    with running(app) as url:
        words = [
            sys.executable,
            "-m",
            "omloop",
            "probe",
            "tiny",
            "--url",
            url,
            "--every",
            "100ms",
            "--slow-ms",
            "60000",
        ]
        words += ["--metrics-port", "0", "--workspace", str(workspace.root)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stderr is not None
        port = process.stderr.readline().strip().rpartition(":")[2]
        assert "  ok  " in process.stdout.readline()
        assert b'state="ok"} 1' in urlopen(f"http://127.0.0.1:{port}", timeout=10).read()
    while "  down  " not in process.stdout.readline():
        assert process.poll() is None
    assert "  down  " in process.stdout.readline(), "it goes on"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "ok -> " in err and err.endswith("omloop: interrupted; nothing is left half-written\n")
