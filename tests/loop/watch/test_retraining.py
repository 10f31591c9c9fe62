"""One retraining for one alarm, whoever is killed and whoever comes second."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from omloop.core import ConflictError, Event, Project
from omloop.loop import Workspace
from omloop.loop.watch.policy import Policy
from omloop.loop.watch.retraining import claim, retrain
from omloop.loop.watch.stage import claimed_by, stage_of
from omloop.loop.watch.watch import watch_once

GoLive = Callable[..., None]
AT_ONCE = Policy(shadow=0, pause_minutes=0.0, probation=0)


def quiet(text: str) -> None:
    """Nobody is told."""


@pytest.fixture
def claimed(student: Project, turned: Workspace, go_live: GoLive) -> Event:
    """A retraining that was claimed and not begun."""
    go_live(turned, 900, drift=1.0, seed=5)
    version = turned.registry(student.name).champion() or ""
    return claim(student.name, turned, version, AT_ONCE, reason="a test", evidence={"labels": 900})


def count(workspace: Workspace, name: str, kind: str) -> int:
    return [event.kind for event in workspace.registry(name).history()].count(kind)


def test_a_claim_is_made_once_and_taken_over(student: Project, turned: Workspace, claimed: Event) -> None:
    again = claim(student.name, turned, claimed.version, AT_ONCE, reason="another", evidence={"labels": 900})
    assert again == claimed and count(turned, student.name, "retrain") == 1
    assert stage_of(turned.registry(student.name).history()).where == "retraining"


def test_a_claim_on_a_champion_that_is_none_any_more_is_refused(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    old = registry.champion() or ""
    with pytest.raises(ConflictError, match="Another watcher was first"):
        registry.record("retrain", old, by="watch", reason="", evidence={"labels": 1, "until": 0.0, "host": "h"})
        registry.record("retrained", old, by="watch", reason="", evidence={"claim": 1, "verdict": "better"})
        claim(student.name, turned, old, AT_ONCE, reason="", evidence={"labels": 900})


def test_what_another_machine_works_on_is_left_to_it_until_its_time_is_over(
    student: Project, turned: Workspace, claimed: Event
) -> None:
    elsewhere = replace(claimed, evidence={**claimed.evidence, "host": "elsewhere"})
    with pytest.raises(ConflictError, match="elsewhere retrains student_performance since event"):
        retrain(student.name, turned, elsewhere, AT_ONCE, quiet)
    later = replace(turned, clock=lambda: claimed.evidence["until"] + 1)
    ended = retrain(student.name, later, elsewhere, AT_ONCE, quiet)
    assert ended.kind == "retrained" and ended.evidence["verdict"] == "better"


def test_a_candidate_that_a_killed_trainer_left_is_judged_and_not_trained_again(
    student: Project, turned: Workspace, claimed: Event
) -> None:
    from omloop.loop.project.configure import configure
    from omloop.loop.project.plan import Plan
    from omloop.loop.turn.turn import turn

    config = configure(student, ["data.rows=600", "model=linear", "data.live=true"])
    asked = replace(config, promote="ask")
    turn(Plan(student, student.inputs, asked, turned, by=claimed_by(claimed.number)))
    assert count(turned, student.name, "add") == 2
    ended = retrain(student.name, turned, claimed, AT_ONCE, quiet)
    assert ended.evidence["verdict"] == "better" and count(turned, student.name, "add") == 2


def test_a_trainer_that_fails_is_recorded_with_its_reason_and_changes_nothing(
    student: Project, turned: Workspace, claimed: Event
) -> None:
    nowhere = replace(turned, settings=replace(turned.settings, projects="nowhere"))
    ended = retrain(student.name, nowhere, claimed, AT_ONCE, quiet)
    assert ended.evidence == {"claim": claimed.number, "verdict": "failed"}
    assert ended.reason.startswith("failed: ") and "student_performance" in ended.reason
    assert turned.registry(student.name).champion() == claimed.version
    waits = watch_once(student.name, turned, msgspec.structs.replace(AT_ONCE, pause_minutes=5.0))
    assert waits.action.startswith("waiting: "), "it is not tried again at once"


def test_a_training_that_takes_too_long_is_ended(student: Project, turned: Workspace, claimed: Event) -> None:
    hasty = msgspec.structs.replace(AT_ONCE, most_minutes=0.002)
    ended = retrain(student.name, turned, claimed, hasty, quiet)
    assert ended.evidence["verdict"] == "failed" and "longer than the policy's 0.002 minutes" in ended.reason


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs locks that processes inherit")
def test_while_a_trainer_of_a_killed_watch_still_runs_nobody_begins_another(
    student: Project, turned: Workspace, claimed: Event
) -> None:
    lock = turned.watch(student.name) / "retraining.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    hold = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX); "
        "print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline()
        with pytest.raises(ConflictError, match="still runs on this machine"):
            retrain(student.name, turned, claimed, AT_ONCE, quiet)
        holder.kill()
    assert retrain(student.name, turned, claimed, AT_ONCE, quiet).kind == "retrained"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
@pytest.mark.parametrize("wait_s", [0.5, 1.5, 2.5, 3.5, 5.0, 7.0])
def test_a_watch_killed_at_any_moment_is_gone_on_with_and_never_retrains_twice(
    student: Project, turned: Workspace, go_live: GoLive, wait_s: float
) -> None:
    """Whatever was reached, the next watches end in a promotion, with one claim."""
    go_live(turned, 900, drift=1.0, seed=5)
    from omloop.loop.rehearsal.faults import WATCH

    settings = msgspec.json.encode(turned.settings).decode()
    with subprocess.Popen([sys.executable, "-c", WATCH, settings, student.name], start_new_session=True) as process:
        time.sleep(wait_s)
        process.kill()
    end = time.monotonic() + 120
    while time.monotonic() < end and count(turned, student.name, "promote") < 2:
        watch_once(student.name, turned, AT_ONCE)
        time.sleep(0.5)
    assert count(turned, student.name, "retrain") == 1
    assert count(turned, student.name, "promote") == 2
    assert socket.gethostname() == next(
        event.evidence["host"] for event in turned.registry(student.name).history() if event.kind == "retrain"
    )
