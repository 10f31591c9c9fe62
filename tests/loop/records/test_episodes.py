"""An alarm is an episode: told once, ended once, and what was broken in it is never learned from."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Alarm, Label, Prediction, Project, Settings, Window
from omloop.kinds import Table
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.episodes import BrokenSpans, Episode, InputState, broken_spans, input_state
from omloop.loop.records.records import gather
from omloop.loop.turn.turn import turn
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import WatchResult, watch_once
from omloop.monitor import new_id

Spoil = Callable[[dict[str, Any]], Mapping[str, Any]]
EAGER = Policy(shadow=0, pause_minutes=0.0, drift="retrain")
START = time.time() - 100_000


def grams(records: dict[str, Any]) -> Mapping[str, Any]:
    """The scores come in another unit."""
    return {**records, "last_exam_score": (np.asarray(records["last_exam_score"]) * 1_000).tolist()}


def unsure(records: dict[str, Any]) -> Mapping[str, Any]:
    """Another population, and nothing is broken."""
    return {**records, "study_hours_per_day": (np.asarray(records["study_hours_per_day"]) + 3).tolist()}


def awake(records: dict[str, Any]) -> Mapping[str, Any]:
    """Another column moved."""
    return {**records, "sleep_hours": (np.asarray(records["sleep_hours"]) - 3).tolist()}


@pytest.fixture(scope="module")
def boundless(student: Project) -> Project:
    """The reference project without ranges, so that nothing is refused at the door."""
    columns = tuple(msgspec.structs.replace(column, low=None, high=None) for column in student.inputs.columns)
    inputs = Table(columns=columns, refused=student.inputs.refused)
    return replace(student, inputs=inputs)


@pytest.fixture(scope="module")
def _begun(boundless: Project, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("begun") / "ws"
    words = ["data.rows=2000", "model=linear", "data.ordered=true"]
    turn(Plan.of(boundless, words, Workspace(replace(settings, workspace=str(root)))))
    return root


@pytest.fixture
def begun(_begun: Path, workspace: Workspace) -> Workspace:
    """A workspace whose champion learned from records in order; each test has a copy of its own."""
    shutil.copytree(_begun, workspace.root)
    return workspace


def serve(project: Project, workspace: Workspace, rows: int, seed: int, spoil: Spoil = dict) -> None:
    """Answer rows with the champion and log them with their labels, a second apart."""
    registry = workspace.registry(project.name)
    session = Session.of(registry.load(registry.champion() or ""))
    records = project.simulate(rows, seed, 0.0)
    examples = session.inputs.encode(spoil(dict(records)))
    answers, inputs = session.outputs.answer(session.predict(examples)), session.inputs.render(examples)
    log = workspace.predictions(project.name)
    times, ids = START + log.count() + np.arange(rows), [new_id() for _ in answers]
    version = registry.champion() or ""
    made = zip(ids, times.tolist(), inputs, answers, strict=True)
    log.record([Prediction(one, moment, version, row, answer, 1.0) for one, moment, row, answer in made])
    truth = zip(ids, times.tolist(), records[project.target], strict=True)
    log.feedback([Label(one, float(label), moment + 0.5) for one, moment, label in truth])
    log.close()


def looks(
    project: Project, workspace: Workspace, *parts: tuple[int, Spoil], policy: Policy = EAGER
) -> list[WatchResult]:
    """Serve one part after the other, 500 rows at a time, and look after each of them."""
    found, seed = [], 0
    for rows, spoil in parts:
        for _ in range(rows // 500):
            serve(project, workspace, 500, seed := seed + 1, spoil)
            found.append(watch_once(project.name, workspace, policy))
    return found


def test_rows_in_another_unit_are_broken_until_the_end_and_never_learned_from(
    boundless: Project, begun: Workspace
) -> None:
    found = looks(boundless, begun, (1_000, dict), (1_000, grams), (4_000, dict))
    assert [bool(look.seen.broken) for look in found[:4]] == [False, False, True, True]
    kinds = [event.kind for event in begun.registry(boundless.name).history()]
    assert "retrain" not in kinds and kinds.count("alarm") == kinds.count("quiet") == 1
    assert found[-1].action.startswith("nothing to do") and not found[-1].seen.hurt
    config = configure(boundless, ["data.rows=600", "data.live=true"])
    records = gather(Plan(boundless, boundless.inputs, config, begun))
    assert 3_500 <= records.live <= 5_000 and max(records.columns["last_exam_score"]) < 1_000


def test_labels_of_broken_rows_are_no_evidence_and_no_new_labels(boundless: Project, begun: Workspace) -> None:
    found = looks(boundless, begun, (500, dict), (1_000, grams))
    assert found[-1].seen.labelled <= 500 and found[-1].seen.labelled_ever <= 500
    assert found[-1].seen.rise is None or not found[-1].seen.hurt


def test_a_watch_that_comes_late_finds_what_was_broken_in_the_middle(boundless: Project, begun: Workspace) -> None:
    """It looks once at all, long after the data was mended."""
    for seed, spoil in enumerate([dict, dict, grams, *[dict] * 6]):
        serve(boundless, begun, 500, seed, spoil)
    first, second = (watch_once(boundless.name, begun, EAGER) for _ in range(2))
    assert first.action.startswith("told: the data is broken (last_exam_score lies far outside")
    assert [event.kind for event in second.events] == ["quiet"]
    assert len(broken_spans(begun.registry(boundless.name).history(), time.time()).spans) == 1


@pytest.mark.slow
def test_a_drift_that_goes_away_changes_the_state_twice(boundless: Project, begun: Workspace) -> None:
    for seed, spoil in enumerate([dict, dict, unsure, unsure, *[dict] * 12]):
        serve(boundless, begun, 500, seed, spoil)
        watch_once(boundless.name, begun, TELL)
    signs = [event.evidence["signs"] for event in begun.registry(boundless.name).history() if "signs" in event.evidence]
    assert sum("drift" in now for now in signs) == 1 and "drift" not in signs[-1]


def test_the_page_of_a_newer_alarm_tells_what_the_older_one_told(boundless: Project, begun: Workspace) -> None:
    """Another column is broken later on, while the first has moved all along or not at all any more."""
    looks(boundless, begun, (500, dict), (500, unsure), policy=TELL)
    between = looks(boundless, begun, (500, awake), policy=TELL)[-1]
    assert between.events == () and "sleep_hours" in between.seen.moved
    found = looks(boundless, begun, (500, grams), policy=TELL)[-1]
    moved = {"study_hours_per_day", "sleep_hours", "last_exam_score"}
    assert moved <= set(found.seen.moved) and found.report
    assert all(f">{column}<" in found.report.read_text().replace("<wbr>", "") for column in moved)


def test_a_version_never_heard_is_heard_from_its_first_bucket() -> None:
    assert input_state((), "v1") == InputState() and InputState().spans == ()


def test_only_the_version_whose_data_was_broken_is_left_out() -> None:
    made = tuple(Prediction(name, 5.0, name, {}, {}, 1.0) for name in ("v1", "v2"))
    window = BrokenSpans({"v1": ((0.0, 5.0),)}).without(Window(made, {}))
    assert [one.id for one in window.predictions] == ["v2"]


def test_a_log_that_forgot_is_heard_from_its_first_bucket() -> None:
    alarm = Alarm(40, 8, 30, (), 1e-6)
    assert InputState(begin=9).within(9) == InputState(begin=9) and InputState(begin=9).within(8) == InputState(begin=0)
    lasting = InputState(3, Episode(alarm, 5.0)).within(6)
    assert lasting.episode and (lasting.begin, lasting.episode.alarm.bucket, lasting.episode.began) == (0, 0, 5.0)


def test_what_may_have_been_made_while_data_was_broken_is_left_out() -> None:
    made = tuple(Prediction(str(moment), moment, "v1", {}, {}, 1.0) for moment in (1.0, 5.0, 8.0, 99.0))
    window = BrokenSpans({"v1": ((4.0, 6.0),)}, now=9.0).without(Window(made, {}))
    assert [one.time for one in window.predictions] == [1.0, 8.0], "nobody knows when the last one was made"
