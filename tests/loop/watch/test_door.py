"""What the door refuses is watched: it rings as broken data, and says which field it is."""

import time

import httpx
import numpy as np

from omloop.core import Project, RefusalCount
from omloop.loop import Workspace
from omloop.loop.watch.watch import watch_once
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running

NOW = time.time() - 5_000


def ask(workspace: Workspace, project: Project, requests: int, refused: int, **wrong: object) -> None:
    """Send single rows to a real server, of which some have a value that does not fit."""
    kind = project.inputs
    rows = kind.render(kind.encode(project.simulate(requests, 3, 0.0)))
    spoilt = set(np.linspace(0, requests - 1, refused).astype(int).tolist()) if refused else set()
    log = workspace.predictions(project.name)
    app = create_app(Champion(workspace.registry(project.name), threads=1), log, new_id=new_id)
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for number, row in enumerate(rows):
            client.post("/v1/predict", json={"rows": [{**row, **wrong} if number in spoilt else row]})
    app.engine.close()
    log.close()


def test_half_of_the_requests_refused_for_one_field_is_told(student: Project, turned: Workspace) -> None:
    ask(turned, student, 1_000, 500, grade_level="13th")
    found = watch_once(student.name, turned)
    assert "of the requests are refused: grade_level does not fit (" in found.seen.broken[0]
    assert found.action.startswith("told: the data is broken") and "broken" in found.seen.signs


def test_a_few_bad_requests_are_ordinary(student: Project, turned: Workspace) -> None:
    ask(turned, student, 515, 10, age=None)
    found = watch_once(student.name, turned)
    assert found.seen.buckets == 2 and not found.rings


def test_a_door_that_lets_nobody_in_is_told_without_a_single_prediction(student: Project, turned: Workspace) -> None:
    version = turned.registry(student.name).champion() or ""
    log = turned.predictions(student.name)
    log.record_refusals([RefusalCount(NOW + second, version, "age", "empty", 30) for second in range(10)])
    log.close()
    found = watch_once(student.name, turned)
    assert found.seen.collecting and found.seen.broken == (
        "100% of the requests are refused: age is missing (300 of 300)",
    )
