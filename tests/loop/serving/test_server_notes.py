"""The workspace knows where a project's servers listen, also after some were killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omloop.cli import main
from omloop.core import this_process
from omloop.loop import Workspace
from omloop.loop.serving.server_notes import noted, server_of, within_reach
from omloop.loop.serving.server_process import session
from omloop.testing.bundles import tiny_bundle


def note(workspace: Workspace, name: str = "tiny-1", **more: object) -> Path:
    """A note of this process, in which some things are otherwise."""
    path = workspace.root / "servers" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"project": "tiny", "address": "http://127.0.0.1:1", "started": 1.0, **this_process(), **more}
    path.write_text(json.dumps(told))
    return path


def ended() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_server_is_found_while_it_runs_and_forgotten_with_it(workspace: Workspace) -> None:
    with noted("tiny", workspace.root, print) as tell:
        assert server_of("tiny", workspace) is None
        tell("http://0.0.0.0:8123")
        assert server_of("tiny", workspace) == "http://127.0.0.1:8123"
        assert server_of("tin", workspace) is None
    assert server_of("tiny", workspace) is None
    assert not list((workspace.root / "servers").iterdir())


def test_a_note_of_a_process_that_is_gone_is_no_server_and_is_swept_away_by_the_next(workspace: Workspace) -> None:
    stale = note(workspace, pid=ended(), since=None)
    assert server_of("tiny", workspace) is None
    with noted("tiny", workspace.root, print) as tell:
        tell("http://127.0.0.1:8123")
        assert not stale.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell when a process began")
def test_a_number_that_another_process_has_by_now_is_no_server(workspace: Workspace) -> None:
    note(workspace, pid=os.getpid(), since=1)
    assert server_of("tiny", workspace) is None


def test_another_machines_server_is_not_taken_for_one_of_ours_and_its_note_stays(workspace: Workspace) -> None:
    theirs = note(workspace, machine="elsewhere")
    with noted("tiny", workspace.root, print) as tell:
        tell("http://127.0.0.1:8123")
        assert server_of("tiny", workspace) == "http://127.0.0.1:8123"
    assert server_of("tiny", workspace) is None and theirs.exists()


def test_of_several_servers_the_newest_is_told(workspace: Workspace) -> None:
    note(workspace, "tiny-1", started=2.0, address="http://127.0.0.1:2")
    note(workspace, "tiny-2", started=3, address="http://127.0.0.1:3")
    note(workspace, "other-3", started=9.0, project="other")
    assert server_of("tiny", workspace) == "http://127.0.0.1:3"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"project": "tiny", "address": "x", "pid": 1, "started": "now"}'])
def test_what_is_no_note_is_passed_over(workspace: Workspace, content: str) -> None:
    note(workspace).write_text(content)
    assert server_of("tiny", workspace) is None


def test_a_note_that_cannot_be_written_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "servers").write_text("no folder")
    with noted("tiny", tmp_path, print) as tell:
        tell("http://127.0.0.1:8123")
    assert "the web page will not find this server" in caplog.text


def test_an_address_within_reach_keeps_its_port() -> None:
    assert within_reach("http://[::1]:9") == "http://[::1]:9"


def test_a_server_that_is_killed_is_not_found_again(workspace: Workspace) -> None:
    registry = workspace.registry("tiny")
    registry.promote(registry.add(tiny_bundle(), by="test"), expected=None, by="test", reason="a test")
    with session("tiny", workspace, quiet=True) as (url, pid):
        assert server_of("tiny", workspace) == url
        os.kill(pid, signal.SIGKILL)
        while server_of("tiny", workspace):
            time.sleep(0.01)
    assert list((workspace.root / "servers").iterdir())  # what it left, for the next one to sweep


@pytest.mark.skipif(sys.platform == "win32", reason="several workers share a socket")
def test_a_server_of_several_workers_is_noted_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers are played by a supervisor that only says where it listens."""
    found: list[str | None] = []

    def supervise(command: object, count: int, *, host: str, port: int, ready: object, drain_s: float) -> int:
        assert count == 2 and callable(ready)
        ready(f"http://{host}:{port}")
        found.append(server_of("tiny", workspace))
        return 0

    monkeypatch.setattr("omloop.serve.process.supervise.supervise", supervise)
    words = ["serve", "tiny", "--workers", "2", "--port", "8124", "--workspace", str(workspace.root)]
    assert main(words) == 0
    assert found == ["http://127.0.0.1:8124"] and server_of("tiny", workspace) is None
