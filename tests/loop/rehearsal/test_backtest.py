"""A policy is tried on what was logged: nothing of the real workspace changes, and a loss that was seen is spared."""

import time
from pathlib import Path

import pytest

from omloop.bundle import Session
from omloop.core import Label, OmloopError, Prediction, Project
from omloop.loop import Workspace
from omloop.loop.records.pages import kept_pages
from omloop.loop.rehearsal.backtest import backtest
from omloop.loop.watch.policy import TELL, Policy
from omloop.monitor import new_id

DAY = 86_400.0


@pytest.fixture
def logged(student: Project, turned: Workspace) -> Workspace:
    """Ten days of predictions, of which the last six are of another cohort; labels come a tenth of a day later."""
    registry = turned.registry(student.name)
    version = registry.champion() or ""
    session, now = Session.of(registry.load(version)), time.time()
    log = turned.predictions(student.name)
    for part, (rows, drift) in enumerate([(1000, 0.0), (1500, 1.0)]):
        records = student.simulate(rows, 7 + part, drift)
        examples = session.inputs.encode(records)
        answers, inputs = session.outputs.answer(session.predict(examples)), session.inputs.render(examples)
        start = now - (10 - 4 * part) * DAY
        times = [start + row * DAY / 250 for row in range(rows)]
        ids = [new_id() for _ in times]
        facts = zip(ids, times, inputs, answers, strict=True)
        log.record([Prediction(i, when, version, row, answer, 1.0) for i, when, row, answer in facts])
        truth = [student.outputs.parse(float(value)) for value in records[student.target]]
        log.feedback([Label(i, t, when + DAY / 10) for i, t, when in zip(ids, truth, times, strict=True)])
    log.close()
    return turned


@pytest.mark.slow
def test_a_policy_that_retrains_would_have_had_less_error(student: Project, logged: Workspace, tmp_path: Path) -> None:
    before = logged.registry(student.name).history()
    found = backtest(student.name, logged, {"tell": TELL, "default": Policy()})
    told, default = found.replays
    assert (found.rows, found.labelled, found.metric) == (2500, 2500, "r2")
    assert (told.retrained, told.promoted) == (0, 0) and told.alarms >= 1
    assert default.retrained >= 1 and default.promoted >= 1 and default.training_s > 0
    assert default.score > told.score
    assert [step.rows for step in told.steps] == [250] * 10
    assert len({step.version for step in told.steps}) == 1 < len({step.version for step in default.steps})
    assert logged.registry(student.name).history() == before
    assert not list(logged.root.glob(".backtest-*"))


def test_only_the_days_that_were_asked_for_are_replayed(student: Project, logged: Workspace) -> None:
    found = backtest(student.name, logged, {"tell": TELL}, days=2.0)
    assert 490 <= found.rows <= 510 and found.days == pytest.approx(2.0, abs=0.1)
    (page,) = kept_pages(student.name, logged)
    assert page.kind == "backtest" and ">tell<" in page.path.read_text()


def test_an_empty_log_says_what_to_do(student: Project, turned: Workspace) -> None:
    with pytest.raises(OmloopError, match="no predictions of 'student_performance' to replay. Serve it first"):
        backtest(student.name, turned, {"tell": TELL})
