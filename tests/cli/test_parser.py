"""What every command shares: errors end in one line and a code, logs go where they are asked to."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from omloop.cli import main
from omloop.cli.parser import run_guarded
from omloop.core import EXTRAS, SourceError, install_command
from omloop.loop import Workspace


def run(action: object, **more: object) -> int:
    def fail(args: argparse.Namespace) -> int:
        raise action  # type: ignore[misc]

    words = {"command": "turn", "log_level": None, "verbose": 0, "log_format": "human", "log_file": None, **more}
    return run_guarded(SimpleNamespace(EXAMPLE="", run=fail), argparse.Namespace(**words))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SourceError("Nothing\nthere."), 1, "omloop: Nothing there.\n"),
        (OSError(28, "No space left on device", "/x/y"), 1, "No space left on device (/x/y)"),
        (KeyboardInterrupt(), 130, "interrupted; nothing is left half-written"),
        (ZeroDivisionError("by zero"), 70, "internal error, ZeroDivisionError: by zero"),
        (ValueError("https://host/a?sig=hunter22"), 70, "internal error, ValueError: https://host/a?***"),
        (ModuleNotFoundError(name="sklearn.tree"), 1, install_command("train")),
        (ModuleNotFoundError("No module named 'x'", name="x"), 70, "internal error"),
    ],
)
def test_every_error_is_one_line_and_a_code(
    error: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(error) == code
    err = capsys.readouterr().err
    assert words in err and err.count("\n") == 1 and "Traceback" not in err


def test_the_traceback_is_in_the_log_for_whoever_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "logs" / "omloop.jsonl"
    assert run(ZeroDivisionError("by zero"), verbose=2, log_file=path, log_format="json") == 70
    (line,) = [json.loads(line) for line in path.read_text().splitlines()]
    assert "ZeroDivisionError" in line["traceback"]


def test_with_json_an_error_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SourceError("Nothing\nthere."), json=True) == 1
    told = {"kind": "SourceError", "message": "Nothing there.", "exit_code": 1}
    assert json.loads(capsys.readouterr().err) == {"error": told}
    with pytest.raises(SystemExit):
        main(["versions", "student_performance", "--histroy", "--json"])
    assert "Did you mean '--history'?" in json.loads(capsys.readouterr().err)["error"]["message"]


def test_what_may_be_left_out_is_not_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train"])
    assert "required: NAME. See: omloop train --help" in capsys.readouterr().err


def test_help_and_version_are_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["help"], ["help", "rollback"], ["version"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "omloop COMMAND" in out and "omloop rollback [-h]" in out and "omloop 0." in out


def test_every_command_explains_itself_on_the_base_install() -> None:
    absent = {library for libraries in EXTRAS.values() for library in libraries}
    block = f"import sys; sys.modules.update(dict.fromkeys({absent!r}))"
    code = f"{block}; from omloop.cli import main; sys.exit(main(['completion', 'bash']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0 and "profile" in done.stdout, done.stderr


def test_the_module_is_the_command_line() -> None:
    done = subprocess.run([sys.executable, "-m", "omloop", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("omloop ")


def test_a_reader_who_stops_reading_is_no_error(workspace: Workspace) -> None:
    words = [sys.executable, "-m", "omloop", "projects", "--projects", workspace.settings.projects]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writing)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_a_watch_tells_what_changes_and_nothing_else(turned: Workspace) -> None:
    name = "student_performance"
    words = [sys.executable, "-m", "omloop", "watch", name, "--every", "0.1s", "--workspace", str(turned.root)]
    words += ["--projects", turned.settings.projects]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(1.0)  # several looks
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  \w{12}: collecting", first) and out == ""
    assert "every 0.1 s" in err and "Ctrl-C" in err and process.returncode == 130


def test_ctrl_c_ends_a_turn_in_one_line_and_leaves_nothing_half_written(turned: Workspace) -> None:
    name = "student_performance"
    before = turned.registry(name).history()
    long = [
        "data.rows=4000",
        "model=boosting",
        "model.rounds=12000",
        "model.lr=0.0005",
    ]  # a minute, were it let be
    words = [sys.executable, "-m", "omloop", "turn", name, *long]
    words += ["--workspace", str(turned.root), "--projects", turned.settings.projects]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    runs = turned.root / "runs" / name
    deadline = time.monotonic() + 60
    while sum(bool(path.read_text()) for path in runs.glob("*/metrics.jsonl")) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err.endswith("omloop: interrupted; nothing is left half-written\n")
    assert "Traceback" not in err
    assert turned.registry(name).history() == before
    statuses = sorted(run["status"] for run in turned.tracker().list(name))
    assert statuses == ["finished", "killed"]
