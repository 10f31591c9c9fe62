"""A turn that splits by time judges on what is newest, of the source and of live rows."""

from collections.abc import Callable
from dataclasses import replace

import msgspec

from omloop.bundle import Reference
from omloop.core import Dataset, Project
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import Records, gather, split
from omloop.loop.turn.turn import turn
from omloop.loop.version.rescore import judge_version

BY_ID = ["data.rows=600", "model=linear", "split.by=student_id"]


def made(student: Project, workspace: Workspace, *more: str) -> tuple[Records, Dataset]:
    config = configure(student, [*BY_ID, *more])
    records = gather(Plan(student, student.inputs, config, workspace))
    return records, split(Plan(student, student.inputs, config, workspace), records)


def test_the_newest_records_are_the_test_part(student: Project, workspace: Workspace) -> None:
    _, dataset = made(student, workspace)
    assert list(dataset.test.rows) == list(range(540, 600))


def test_live_rows_are_judged_on_the_newest_of_them_beside_the_newest_of_the_source(
    student: Project, turned: Workspace, go_live: Callable[..., None]
) -> None:
    go_live(turned, 100, drift=0.0, seed=5)
    records, dataset = made(student, turned, "data.live=true")
    assert records.live == 100
    assert list(dataset.test.rows) == [*range(540, 600), *range(690, 700)]
    assert set(dataset.validation.rows) == {*range(480, 540), *range(680, 690)}


def test_a_turn_and_a_later_evaluation_split_alike(student: Project, workspace: Workspace) -> None:
    turned = turn(Plan.of(student, BY_ID, workspace))
    again = judge_version(student, [], workspace)
    assert again.report.metrics == turned.report.metrics


def test_records_that_were_split_by_time_tell_how_much_traffic_varies(student: Project, workspace: Workspace) -> None:
    """Without saying data.ordered=true, and in the order of their times."""
    how = ["data.rows=4000", "model=mean"]
    by_time, by_content = (
        turn(Plan.of(student, [*how, *more], workspace)).version
        for more in (["split.by=student_id"], ["data.ordered=false"])
    )
    found = [
        msgspec.json.decode(workspace.registry(student.name).load(version).files["reference.json"], type=Reference)
        for version in (by_time, by_content)
    ]
    known = [[cells.dispersion is not None for cells in reference.columns.values()] for reference in found]
    assert all(known[0]) and not any(known[1])


def test_a_project_that_names_its_time_is_split_by_it_unless_told_otherwise(student: Project) -> None:
    timed = replace(student, time="student_id")
    assert configure(timed, []).split.by == "student_id"
    assert "by: student_id" in configure(timed, []).yaml
    assert configure(timed, ["split.by=content"]).split.by == ""
    assert configure(timed, ["split.by=age"]).split.by == "age"
