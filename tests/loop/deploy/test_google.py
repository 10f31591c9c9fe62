"""A delivery to Google Cloud from the command line, beside a cloud on loopback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.deploy.google_fake import GoogleFake, running

from omloop.cli import main
from omloop.deploy.google import GoogleCloud

ROOT, NAME = Path(__file__).parents[3], "student_performance"
SETTINGS = """
store = "gs://rides/versions"
predictions = "gs://rides/predictions"

[deploy]
registry = "europe-west4-docker.pkg.dev/rides/omloop"
email = "ann@example.org"
least = {least}

[google]
cap = {cap}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleFake]:
    """A cloud that whoever connects to Google Cloud gets."""
    with running() as fake, requests.Session() as session:
        session.headers["Authorization"] = "Bearer token"

        def connect(project: str, region: str, owner: str, billing: str = "", **elsewhere: str) -> GoogleCloud:
            cloud = GoogleCloud(project, region, owner, session, billing, elsewhere, fake.root)
            return replace(cloud, sleep=lambda _: None)

        monkeypatch.setattr(GoogleCloud, "connect", connect)
        yield fake


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fake: GoogleFake) -> Run:
    """Run a command in a repository with a project in it."""
    shutil.copytree(ROOT / "projects" / NAME, tmp_path / "projects" / NAME)
    monkeypatch.chdir(tmp_path)

    def run(*words: str, least: int = 0, cap: int = 500) -> tuple[int, str, str]:
        (tmp_path / "omloop.toml").write_text(SETTINGS.format(least=least, cap=cap))
        code = main([*words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def built(fake: GoogleFake) -> GoogleFake:
    """The cloud with the images of the project."""
    for kind in ("serve", "train"):
        fake.push(f"europe-west4-docker.pkg.dev/rides/omloop/student-performance-{kind}:latest")
    return fake


def test_a_delivery_is_planned_applied_and_removed(run: Run, built: GoogleFake) -> None:
    assert run("deploy", "google", NAME)[0] == 0
    code, out, _ = run("deploy", "plan", NAME, "--check")
    assert (code, "cost      " in out, "service" in out) == (3, True, True)
    code, out, err = run("deploy", "apply", NAME)
    assert (code, out.startswith("Done: "), "server    https://" in out) == (0, True, True)
    assert "create   service student-performance" in err
    assert run("deploy", "plan", NAME, "--check")[0] == 0
    assert run("deploy", "apply", NAME)[1].startswith("Nothing is to be done.\n")
    code, out, _ = run("deploy", "down", NAME, "--yes", "--verify")
    assert (code, out.splitlines()[-1]) == (0, "Nothing of it is left but APIs, which stay on.")
    assert not built.unchecked


def test_what_costs_more_than_the_cap_needs_consent(run: Run, built: GoogleFake) -> None:
    run("deploy", "google", NAME, least=2, cap=10)
    code, _, err = run("deploy", "apply", NAME, least=2, cap=10)
    assert (code, "This costs more than the cap, or removes something, and nobody is here" in err) == (1, True)
    assert not built.asked("POST", "/services$")
    assert "more than the cap of 10" in run("deploy", "plan", NAME, least=2, cap=10)[1]
    assert run("deploy", "apply", NAME, "--yes", least=2, cap=10)[0] == 0


def test_nothing_is_removed_without_consent(run: Run, built: GoogleFake) -> None:
    run("deploy", "google", NAME)
    run("deploy", "apply", NAME)
    assert run("deploy", "down", NAME)[0] == 1
    assert not built.asked("DELETE")


@pytest.mark.parametrize("target", ["apply", "down"])
def test_a_check_changes_nothing(run: Run, built: GoogleFake, target: str) -> None:
    run("deploy", "google", NAME)
    code, _, err = run("deploy", target, NAME, "--yes", "--check")
    assert (code, f"takes no --check. To only look: omloop deploy plan {NAME} --check" in err) == (1, True)
    assert not built.asked("POST|DELETE")


def test_an_interruption_says_what_stands(run: Run, built: GoogleFake, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    run("deploy", "google", NAME)
    monkeypatch.setattr("omloop.deploy.google.change._carry_out", interrupted)
    code, _, err = run("deploy", "apply", NAME)
    assert (code, "what was told above stands, and Google may still do the last of it; the same" in err) == (130, True)


def test_what_holds_data_is_left_and_said(run: Run, built: GoogleFake) -> None:
    run("deploy", "google", NAME)
    run("deploy", "apply", NAME)
    built.objects.setdefault("rides", set()).add("versions/champion")
    code, out, _ = run("deploy", "down", NAME, "--yes", "--verify", "--json")
    assert (code, json.loads(out)["left"]) == (3, ["bucket rides"])


def test_all_but_what_runs_is_made_before_there_are_images(run: Run, fake: GoogleFake) -> None:
    run("deploy", "google", NAME)
    code, _, err = run("deploy", "apply", NAME)
    assert (code, "changes wait, as there is no image europe-west4-docker.pkg.dev/rides/omloop/" in err) == (1, True)
    assert fake.asked("POST", "/b$")
    assert not fake.asked("POST", "/services$")


def test_files_that_are_out_of_date_are_told(run: Run, built: GoogleFake) -> None:
    run("deploy", "google", NAME)
    out = run("deploy", "plan", NAME, least=1)[1]
    assert f"stale     deploy/{NAME}/google/server.yaml: omloop deploy google {NAME}" in out


def test_a_plan_without_files_says_how_to_write_them(run: Run) -> None:
    code, _, err = run("deploy", "plan", NAME)
    assert (code, f"Write them: omloop deploy google {NAME}" in err) == (1, True)


def test_the_doctor_looks_at_the_cloud(run: Run, built: GoogleFake) -> None:
    run("deploy", "google", NAME)
    run("deploy", "apply", NAME)
    assert run("doctor", "--cloud", NAME)[0] == 0
    built.permissions = {"resourcemanager.projects.get"}
    code, out, _ = run("doctor", "--cloud", NAME, "--json")
    findings: list[dict[str, Any]] = json.loads(out)
    assert (code, any("--role=roles/run.admin" in one["next_step"] for one in findings)) == (1, True)
