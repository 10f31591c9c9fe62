from collections.abc import Callable

import pytest

from omloop.core import OmloopError, Project
from omloop.loop import Workspace
from omloop.loop.watch import Policy, watch_once

GoLive = Callable[..., None]


def test_few_predictions_are_no_verdict(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 50, drift=1.0, seed=5)
    found = watch_once(student.name, turned, Policy())
    assert found.drift is None and not found.rings
    assert found.action.startswith("collecting")


def test_the_usual_traffic_does_not_ring(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 600, drift=0.0, seed=5)
    found = watch_once(student.name, turned, Policy(retrain=True))
    assert found.drift is not None and not found.drift.moved and not found.hurt
    assert found.turned is None


def test_a_moved_cohort_is_found_and_its_loss_is_told(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 600, drift=1.0, seed=5)
    found = watch_once(student.name, turned, Policy())
    assert found.drift is not None and found.drift.moved and found.hurt
    assert "assignment_scores_avg" in [column.column for column in found.drift.columns if column.moved]
    assert found.live["rmse"].low > found.tested["rmse"].high
    assert found.turned is None and found.action == "told"


def test_without_labels_drift_is_told_and_no_loss_is_claimed(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    go_live(turned, 600, drift=1.0, seed=5, labelled=False)
    found = watch_once(student.name, turned, Policy(retrain=True))
    assert found.drift is not None and found.drift.moved and not found.hurt and found.live == {}
    assert found.action == "waiting: 200 more labels before the next turn"


def test_a_due_turn_learns_from_live_rows_and_is_not_repeated(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    before = turned.registry(student.name).champion()
    go_live(turned, 900, drift=1.0, seed=5)
    found = watch_once(student.name, turned, Policy(retrain=True))
    assert found.turned is not None and found.turned.before == before
    lineage = turned.registry(student.name).manifest(found.turned.version).lineage
    assert lineage.live_rows == 900 and lineage.data_rows == 1500
    assert found.turned.report.metrics["rmse"].value < found.turned.opponent.metrics["rmse"].value  # type: ignore[union-attr]
    assert watch_once(student.name, turned, Policy(retrain=True)).turned is None


def test_without_a_champion_there_is_nothing_to_watch(student: Project, workspace: Workspace) -> None:
    with pytest.raises(OmloopError, match="has no champion to watch. Make one with: omloop turn"):
        watch_once(student.name, workspace, Policy())
