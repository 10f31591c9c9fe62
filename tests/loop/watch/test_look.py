"""A look tells faults of the data from changes of the world, and counts what is sent again once."""

import time

import pytest

from omloop.bundle import Session
from omloop.core import Prediction, Project
from omloop.loop import Workspace
from omloop.loop.watch.counts import counted_in
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import watch_once
from omloop.monitor import new_id


def answered(student: Project, workspace: Workspace, rows: int, *, stuck: str = "", key: str | None = None) -> None:
    """Log simulated rows and their answers; one column stays at the value of the first row."""
    version = workspace.registry(student.name).champion() or ""
    session = Session.of(workspace.registry(student.name).load(version))
    records = student.simulate(rows, 7, 0.0)
    if stuck:
        records[stuck] = [records[stuck][0]] * rows
    examples = session.inputs.encode(records)
    both = zip(session.inputs.render(examples), session.outputs.answer(session.predict(examples)), strict=True)
    log = workspace.predictions(student.name)
    log.record([Prediction(new_id(), time.time(), version, row, answer, 1.0, key=key) for row, answer in both])
    log.close()


def test_a_sensor_that_froze_is_broken(student: Project, watched: Workspace) -> None:
    name = next(column.name for column in student.inputs.columns if column.type == "number")  # type: ignore[attr-defined]
    answered(student, watched, 500, stuck=name)
    found = watch_once(student.name, watched, TELL)
    assert any(said.startswith(f"{name} is stuck at ") for said in found.seen.broken)


@pytest.mark.parametrize("key", ["a shop", None])
def test_rows_that_a_caller_sends_again_count_once(student: Project, turned: Workspace, key: str | None) -> None:
    for _ in range(2):
        answered(student, turned, 125, key=key)
    bundle = turned.registry(student.name).load(turned.registry(student.name).champion() or "")
    log = turned.predictions(student.name)
    found = counted_in(turned.root / "none", bundle).until_now(bundle, log, time.time())
    log.close()
    assert bundle.reference.rows_in(found.buckets).tolist() == [125]


def test_a_sensor_that_froze_while_a_watch_calibrates_is_broken_until_it_is_mended(
    student: Project, turned: Workspace
) -> None:
    """What is no alarm yet for a number that moved is one for a number that stands still; it is never learned from."""
    name = next(column.name for column in student.inputs.columns if column.type == "number")  # type: ignore[attr-defined]
    answered(student, turned, 500)
    assert not watch_once(student.name, turned, Policy()).seen.signs
    answered(student, turned, 1000, stuck=name)
    found = watch_once(student.name, turned, Policy())
    assert any(said.startswith(f"{name} is stuck at ") for said in found.seen.broken)
    assert found.action.startswith("told: the data is broken")
    for _ in range(3):
        answered(student, turned, 1500)
        found = watch_once(student.name, turned, Policy())
    assert not found.seen.signs and len(found.seen.state.broken) == 1
    kinds = [event.kind for event in turned.registry(student.name).history() if event.by == "watch"]
    assert kinds == ["alarm", "quiet"]
