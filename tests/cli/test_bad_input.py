"""Whatever a user gets wrong is told in one line, with the next step, and leaves everything as it was."""

import csv
import hashlib
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omloop.cli.commands import COMMANDS
from omloop.cli.parser import load
from omloop.core import Project
from omloop.loop import Workspace

NAME = "student_performance"
Say = Callable[..., tuple[int, str, str]]
Rows = list[dict[str, str]]


def state(root: Path) -> dict[str, str]:
    """What a workspace holds that matters: everything but the runs, which keep a record of failures too."""
    files = [path for path in root.rglob("*") if path.is_file() and "runs" not in path.parts]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def refused(omloop: Say, workspace: Workspace) -> Callable[..., str]:
    """Run a command that must be refused: exit code 1, one line, nothing printed, nothing changed."""

    def refuse(*words: object) -> str:
        before = state(workspace.root)
        code, out, err = omloop(*words)
        err = "".join(line for line in err.splitlines(keepends=True) if not line.startswith("· "))  # progress, if slow
        assert (code, out, err.count("\n")) == (1, "", 1), (code, out, err)
        assert err.startswith("omloop: ") and "Traceback" not in err and "internal error" not in err
        assert state(workspace.root) == before
        return err

    return refuse


@pytest.fixture
def rows(student: Project) -> Rows:
    """Sixty good records, as a CSV holds them."""
    records = student.simulate(60, 2, 0.0)
    return [dict(zip(records, map(str, values), strict=True)) for values in zip(*records.values(), strict=True)]


@pytest.fixture
def csv_of(tmp_path: Path) -> Callable[[Rows], Path]:
    def write(rows: Rows) -> Path:
        path = tmp_path / "students.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def turn_on(path: Path) -> list[str]:
    return ["turn", NAME, "model=linear", "data=file", f"data.path={path}"]


def test_an_unknown_project(refused: Callable[..., str]) -> None:
    for command in (["turn"], ["serve"], ["versions"], ["watch", "--once"], ["rollback"]):
        err = refused(command[0], "student_perfomance", *command[1:])
        assert "No project is called 'student_perfomance'. Did you mean 'student_performance'?" in err


def test_a_source_out_of_reach(refused: Callable[..., str]) -> None:
    err = refused("turn", NAME, "data=url", "data.url=http://127.0.0.1:9/students.csv")
    assert "cannot be reached" in err and "data=file data.path=" in err
    assert "nothing at" in refused(*turn_on(Path("gone.csv")))


def test_a_query_without_quotes_and_an_address_to_make_a_project_from(refused: Callable[..., str]) -> None:
    assert "may be a text or several" in refused("turn", NAME, "data=sql", "data.query=SELECT a, b FROM t")
    assert "data=s3, data=gcs" in refused("new", "rides", "--from", "s3://bucket/rides.csv", "--target", "minutes")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda row: {k: v for k, v in row.items() if k != "age"}, "'age' is missing"),
        (lambda row: row | {"shoe": "43"}, "'shoe' is not a column of student_performance"),
        (lambda row: {("sleep_hour" if k == "sleep_hours" else k): v for k, v in row.items()}, "did you mean 'sleep_"),
    ],
    ids=["missing", "extra", "renamed"],
)
def test_a_csv_with_the_wrong_columns(
    refused: Callable[..., str],
    rows: Rows,
    csv_of: Callable[[Rows], Path],
    spoil: Callable[[dict[str, str]], dict[str, str]],
    reason: str,
) -> None:
    assert reason in refused(*turn_on(csv_of([spoil(row) for row in rows])))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("age", "old", "column 'age', record 3: 'old' is not accepted; send an integer from 14 to 24"),
        ("age", "15.5", "an integer from 14"),
        ("sleep_hours", "nan", "'nan' is not accepted"),
        ("sleep_hours", "inf", "'inf' is not accepted"),
        ("sleep_hours", "900", "'900' is not accepted"),
        ("sleep_hours", "", "a value is missing"),
        ("gender", "X", "'X' is not accepted; send one of 'Female'"),
        ("final_score", "nan", "column 'final_score', record 3"),
        ("final_score", "101", "column 'final_score', record 3"),
    ],
)
def test_a_csv_with_a_wrong_value(
    refused: Callable[..., str], rows: Rows, csv_of: Callable[[Rows], Path], column: str, value: str, reason: str
) -> None:
    rows[2][column] = value
    assert reason in refused(*turn_on(csv_of(rows)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"age,sex\n", "no record"), (b"age\n\xff\xfe\n", "not UTF-8"), (b"a,a\n1,2\n", "twice: a")],
)
def test_a_file_that_is_no_table(refused: Callable[..., str], tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "students.csv").write_bytes(content)
    assert reason in refused(*turn_on(tmp_path / "students.csv"))


def bundle_file(workspace: Workspace, name: str) -> Path:
    (path,) = (workspace.root / "versions" / NAME / "bundles").glob(f"*/{name}")
    return path


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json", "reference.json"])
def test_a_truncated_bundle(refused: Callable[..., str], turned: Workspace, tmp_path: Path, name: str) -> None:
    path = bundle_file(turned, name)
    path.write_bytes(path.read_bytes()[:-20])
    (tmp_path / "rows.csv").write_text("a\n1\n")
    assert "changed or cut" in refused("predict", NAME, "--csv", tmp_path / "rows.csv")


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json", "config.yaml"])
def test_a_bundle_with_a_changed_byte(
    refused: Callable[..., str], turned: Workspace, tmp_path: Path, name: str
) -> None:
    content = bytearray(bundle_file(turned, name).read_bytes())
    content[len(content) // 2] ^= 1
    bundle_file(turned, name).write_bytes(content)
    (tmp_path / "rows.csv").write_text("a\n1\n")
    assert "changed or cut" in refused("predict", NAME, "--csv", tmp_path / "rows.csv")


def test_a_bundle_with_a_missing_file(refused: Callable[..., str], turned: Workspace) -> None:
    bundle_file(turned, "model.onnx").unlink()
    assert "model.onnx" in refused("watch", NAME, "--once")


def test_a_port_that_is_taken(refused: Callable[..., str], turned: Workspace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is taken" in refused("serve", NAME, "--port", port)


@pytest.fixture
def read_only(turned: Workspace) -> Iterator[None]:
    """The workspace, readable but not writable: by its mode, and for root by taking another identity."""
    for path in [turned.root, *turned.root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for name in COMMANDS:
        load(name)  # another user may not be allowed to read the interpreter's library
    as_root = os.geteuid() == 0
    if as_root:
        for path in turned.root.parents:
            if path.owner() == "root" and not path.stat().st_mode & 0o001:
                path.chmod(path.stat().st_mode | 0o011)
        os.seteuid(65534)
    yield
    if as_root:
        os.seteuid(0)
    for path in [turned.root, *turned.root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.usefixtures("read_only")
def test_a_read_only_workspace(omloop: Say) -> None:
    for words in (["turn", NAME, "model=linear", "data.rows=400"], ["rollback", NAME, "--to", "0000"]):
        code, _, err = omloop(*words)
        told = [line for line in err.splitlines() if not line.startswith("· ")]  # on a slow machine there is progress
        assert code == 1 and len(told) == 1 and "Traceback" not in err
    assert "Cannot write" in omloop("turn", NAME, "model=linear", "data.rows=400")[2]


def test_a_full_disk(turned: Workspace, settings: object) -> None:
    """No file of the process may grow beyond 2 kB: the kernel refuses, as it does when a disk is full."""
    before = state(turned.root)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    words = [sys.executable, "-m", "omloop", "turn", NAME, "model=linear", "data.rows=400"]
    words += ["--workspace", str(turned.root), "--projects", turned.settings.projects]
    done = subprocess.run(words, capture_output=True, text=True, preexec_fn=limit, timeout=120, check=False)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("omloop: ")]
    assert "Cannot write" in line and "Free some space" in line
    assert "Traceback" not in done.stderr
    assert state(turned.root) == before


def test_words_that_are_no_override(refused: Callable[..., str]) -> None:
    assert "KEY=VALUE" in refused("turn", NAME, "linear")


def test_labels_that_cannot_be(refused: Callable[..., str], turned: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("id,label\nx,lots\n")
    assert "'lots' is not accepted" in refused("feedback", NAME, "--csv", path)
    path.write_text("id,score\nx,1\n")
    assert "has no column label" in refused("feedback", NAME, "--csv", path)
    path.write_bytes(b"id,label\n\xff,1\n")
    assert "not a UTF-8 CSV" in refused("feedback", NAME, "--csv", path)
    assert "cannot be read" in refused("feedback", NAME, "--csv", tmp_path / "gone.csv")
    assert "--id needs --label" in refused("feedback", NAME, "--id", "x")


def test_rows_that_cannot_be_answered(refused: Callable[..., str], turned: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("age\n15\n")
    assert "rows[0].gender: is missing" in refused("predict", NAME, "--csv", path)
    path.write_text("passed\n1\n")
    assert "rows[0].passed: is not a feature" in refused("predict", NAME, "--csv", path)
    path.write_text("{")
    assert "not valid JSON" in refused("predict", NAME, "--rows", path)
    assert "no file" in refused("predict", NAME, "--rows", tmp_path / "gone.json")


def test_a_project_without_a_version_says_what_to_do(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("age\n15\n")
    for words in (["predict", NAME, "--csv", tmp_path / "rows.csv"], ["watch", NAME, "--once"], ["evaluate", NAME]):
        assert f"omloop turn {NAME}" in refused(*words)
