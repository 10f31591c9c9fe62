"""Where time splits, the chosen model learns from what chose it as well, and other records take its place."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from omloop.core import Columns, Dataset, Project
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import Records, gather, split
from omloop.loop.records.up_to_test import up_to_test
from omloop.loop.turn.turn import turn
from omloop.loop.version.rescore import remade

ROWS = 400


@pytest.fixture
def dated(student: Project) -> Project:
    """The reference project, a record an hour, of which every two come from one person."""

    def simulate(rows: int, seed: int, drift: float) -> Columns:
        came = [str(datetime(2026, 1, 5) + timedelta(hours=row)) for row in range(rows)]
        return {**student.simulate(rows, seed, drift), "came": came, "person": [f"p{row // 2}" for row in range(rows)]}

    ignored = {**student.ignored, "came": "when the record came", "person": "who it is about"}
    return replace(student, simulate=simulate, ignored=ignored, time="came", id=None)


def prepared(project: Project, workspace: Workspace, *words: str) -> tuple[Plan, Records, Dataset]:
    plan = Plan.of(project, ["data=simulated", f"data.rows={ROWS}", "model=linear", *words], workspace)
    records = gather(plan)
    return plan, records, split(plan, records)


def test_the_newest_before_the_test_part_are_learned_from_and_as_many_others_are_not(
    dated: Project, workspace: Workspace
) -> None:
    plan, records, dataset = prepared(dated, workspace)
    later = up_to_test(plan, records, dataset)
    assert max(later.train.rows) > max(dataset.train.rows) and later.test is dataset.test
    before, after = ([*one.train.rows, *one.validation.rows] for one in (dataset, later))
    assert sorted(before) == sorted(after) and not set(later.train.rows) & set(later.validation.rows)
    assert 0.5 < len(later.validation) / len(dataset.validation) < 2
    known = dict(zip(before, [*dataset.train.times, *dataset.validation.times], strict=True))
    assert [known[row] for row in later.train.rows] == list(later.train.times)


def test_a_group_stays_whole(dated: Project, workspace: Workspace) -> None:
    plan, records, dataset = prepared(replace(dated, group="person"), workspace)
    later = up_to_test(plan, records, dataset)
    people = [{row // 2 for row in part.rows} for part in (later.train, later.validation)]
    assert people[0] and people[1] and not people[0] & people[1]


@pytest.mark.parametrize("word", ["split.again=false", "split.by=content"])
def test_without_a_time_or_where_it_is_not_wanted_nothing_is_dealt_anew(
    dated: Project, workspace: Workspace, word: str
) -> None:
    plan, records, dataset = prepared(dated, workspace, word)
    assert up_to_test(plan, records, dataset) is dataset


def test_a_turn_packages_what_learned_again_and_its_version_is_judged_on_the_same_parts(
    dated: Project, workspace: Workspace
) -> None:
    told: list[str] = []
    plan, records, dataset = prepared(dated, workspace)
    turned = turn(replace(plan, tell=told.append))
    assert "train: linear, up to the test part" in told
    later = up_to_test(plan, records, dataset)
    assert turned.rows == (len(later.train), len(later.validation), len(later.test))
    again = remade(dated, ["data=simulated", f"data.rows={ROWS}"], workspace, turned.version)
    assert set(again.dataset.validation.rows) == set(later.validation.rows)
