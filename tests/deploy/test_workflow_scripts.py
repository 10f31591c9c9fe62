"""The scripts of workflows, run as they stand: in a repository with a project, by bash and omloop itself."""

import csv
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.workflows import SERVICE, Script, scripts

from omloop.deploy.github import github_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.skipif(os.name == "nt", reason="runs bash")]
TEXTS = github_files(SERVICE)


def script(workflow: str, job: str, beginning: str) -> Script:
    """The script of a workflow's job that holds some words."""
    where = f".github/workflows/rides-{workflow}.yml: {job}"
    (found,) = (one for one in scripts(TEXTS) if one.where == where and beginning in one.text)
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A team's repository: a project of 400 rides, the generated files, data that DVC keeps, one commit."""
    root = tmp_path / "work" / "rides"
    root.mkdir(parents=True)
    write_rides(root / "rides.csv", 400)
    omloop("new", "rides", "--from", "rides.csv", "--target", "minutes", folder=root)
    omloop("deploy", "github", "rides", folder=root)
    git("init", "--quiet", folder=root)
    (root / ".gitignore").write_text(".omloop/\nfound/\n__pycache__/\nturn.md\n")
    omloop("data-version", "add", "rides", "--remote", str(tmp_path / "remote"), folder=root)
    omloop("data-version", "push", "rides", folder=root)
    commit(root)
    return root


def write_rides(path: Path, rows: int) -> None:
    draw = random.Random(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["km", "hour", "minutes"])
        for _ in range(rows):
            km, hour = draw.uniform(1, 20), draw.randrange(24)
            writer.writerow([f"{km:.2f}", hour, f"{3 * km + 5 * (hour in (8, 17)) + draw.gauss(0, 2):.1f}"])


def omloop(*words: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "omloop", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def git(*words: str, folder: Path) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path) -> str:
    git("add", "--all", folder=root)
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    git(*who, "commit", "--quiet", "--message", "work", folder=root)
    return git("rev-parse", "HEAD", folder=root)


def run(script: Script, root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A script as GitHub runs it, with a command `omloop` on the path."""
    tools = root.parent / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "omloop").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m omloop "$@"\n')
    (tools / "omloop").chmod(0o755)
    given = {name: "" if "${{" in value else value for name, value in script.variables.items()} | variables
    files = {name: str(root.parent / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    environ = {**os.environ, **given, **files, "PATH": f"{tools}:{os.environ['PATH']}"}
    words = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script.text]
    return subprocess.run(words, cwd=root, env=environ, capture_output=True, text=True, check=False)


def test_a_pull_request_is_told_its_metrics_against_the_base_and_what_became_of_the_data(repository: Path) -> None:
    base = git("rev-parse", "HEAD", folder=repository)
    write_rides(repository / "rides.csv", 500)
    omloop("data-version", "add", "rides", folder=repository)
    commit(repository)
    words = {"BASE": base, "WORDS": "model=linear"}
    for part in ("git worktree add", "--markdown found/comment.md\nif"):
        done = run(script("turn", "turn", part), repository, **words)
        assert done.returncode == 0, done.stderr
    comment = (repository / "found" / "comment.md").read_text()
    assert "this turn, " in comment and "| champion " in comment and "400" in comment and "500" in comment
    assert (repository.parent / "GITHUB_STEP_SUMMARY").read_text() == comment


def test_the_report_on_data_says_what_came_and_what_is_there(repository: Path) -> None:
    base = git("rev-parse", "HEAD", folder=repository)
    write_rides(repository / "rides.csv", 450)
    omloop("data-version", "add", "rides", folder=repository)
    commit(repository)
    done = run(script("data", "report", "omloop data rides"), repository, BASE=base)
    assert done.returncode == 0, done.stderr
    comment = (repository / "found" / "comment.md").read_text()
    assert "450" in comment and "The data now" in comment and (repository / "found" / "report.html").is_file()


def test_a_promoted_version_is_scored_and_served_and_one_that_was_replaced_is_left(repository: Path) -> None:
    assert run(script("train", "train", "PRESET"), repository, PRESET="default", WORDS="model=linear").returncode == 0
    look, tests = script("promoted", "test", "omloop versions"), script("promoted", "test", "omloop evaluate")
    assert run(look, repository, VERSION="000000000000").returncode == 0
    output = repository.parent / "GITHUB_OUTPUT"
    assert not output.exists() and "Nothing to do" in (repository.parent / "GITHUB_STEP_SUMMARY").read_text()
    (bundle,) = (repository / ".omloop" / "versions" / "rides" / "bundles").iterdir()
    version = bundle.name[:12]
    assert run(look, repository, VERSION=version).returncode == 0 and output.read_text() == "current=true\n"
    done = run(tests, repository, VERSION=version)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "r2" in (repository / "tested.txt").read_text() and "verdict" in (repository / "tested.txt").read_text()
