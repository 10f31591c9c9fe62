"""Jobs of a workspace: begun by one process, asked for by another."""

from pathlib import Path

import pytest

from omloop.core import JobStatus, StoreError, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.jobs.jobs import find_job, jobs_of, submit_job


def test_a_job_is_found_again_and_ends(workspace: Workspace) -> None:
    begun = submit_job(workspace, "local", "student_performance", ["versions", "student_performance"])
    found = find_job(Workspace(workspace.settings), begun.id[-6:])
    assert (found.id, found.job, found.on, found.handle) == (begun.id, begun.job, "local", begun.handle)
    told: list[bytes] = []
    assert found.wait(told.append) == JobStatus("finished", 0)
    assert b"has no version" in b"".join(told) and found.fetch()[0].read_bytes() == b"".join(told)
    assert found.cancel().state == "finished"
    assert [job.id for job in jobs_of(workspace, "student_performance")] == [begun.id]
    assert jobs_of(workspace, "other") == [] and "20" in found.since


def test_a_job_of_an_example_finds_it_where_there_are_no_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begun = submit_job(Workspace.of(workspace="ws"), "local", "emotion", ["data", "emotion", "data.rows=40"])
    assert begun.wait() == JobStatus("finished", 0), begun.logs()


def test_a_name_that_nobody_knows_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UnknownNameError, match="No compute backend is called 'slrum'. Did you mean 'slurm'"):
        submit_job(workspace, "slrum", "student_performance", ["turn"])
    with pytest.raises(UnknownNameError, match="No job is called '2026'"):
        find_job(workspace, "2026")


def test_what_cannot_be_submitted_leaves_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from omloop.core import ComputeError

    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ComputeError, match="Slurm is not on this machine"):
        submit_job(workspace, "slurm", "student_performance", ["turn", "student_performance"])
    assert jobs_of(workspace) == [] and not [*(workspace.root / "jobs" / "student_performance").iterdir()]


def test_a_damaged_record_is_named(workspace: Workspace) -> None:
    path = workspace.root / "jobs" / "student_performance" / "20261129-1" / "job.json"
    path.parent.mkdir(parents=True)
    Path(path).write_text("{}")
    with pytest.raises(StoreError, match=r"cannot be read: .*20261129-1"):
        find_job(workspace, "20261129-1")
