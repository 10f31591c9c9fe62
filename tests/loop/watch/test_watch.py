"""A watch goes round the circle: it looks, tells, retrains, proves, promotes, and takes back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from omloop.core import Alarm, Estimate, Event, Movement, OmloopError, Project
from omloop.drift import Rise
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn
from omloop.loop.watch.look import Observation
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import action_for, watch_once

GoLive = Callable[..., None]

AT_ONCE = Policy(shadow=0, pause_minutes=0.0)
"""A candidate that the gate finds better is promoted without a time beside the champion."""


def kinds(workspace: Workspace, name: str) -> list[str]:
    return [event.kind for event in workspace.registry(name).history()]


def test_few_predictions_are_no_verdict(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 50, drift=1.0, seed=5)
    found = watch_once(student.name, turned)
    assert found.seen.collecting and not found.rings
    assert found.action.startswith("collecting")


def test_the_usual_traffic_does_not_ring(student: Project, turned: Workspace, go_live: GoLive) -> None:
    before = kinds(turned, student.name)
    go_live(turned, 600, drift=0.0, seed=5)
    found = watch_once(student.name, turned, AT_ONCE)
    assert not found.rings and not found.seen.collecting
    assert found.action.startswith("nothing to do")
    assert kinds(turned, student.name) == before


def test_a_moved_cohort_is_found_and_its_loss_is_told(student: Project, watched: Workspace, go_live: GoLive) -> None:
    go_live(watched, 600, drift=1.0, seed=5)
    found = watch_once(student.name, watched, TELL)
    assert found.seen.moved and found.seen.hurt
    assert "ai_generated_content_percentage" in found.seen.moved
    assert found.seen.live["rmse"].low > found.seen.tested["rmse"].high
    assert found.action.startswith("told: ")
    assert [event.kind for event in found.events] == ["alarm"]
    assert watch_once(student.name, watched, TELL).events == (), "what was told is not told again"


def test_without_labels_drift_is_told_and_no_loss_is_claimed(
    student: Project, watched: Workspace, go_live: GoLive
) -> None:
    go_live(watched, 600, drift=1.0, seed=5, labelled=False)
    found = watch_once(student.name, watched, replace_policy(AT_ONCE, drift="retrain"))
    assert found.seen.moved and not found.seen.hurt and found.seen.live == {}
    assert found.action == "waiting: 200 more labels before the next turn"


def test_a_loss_leads_to_a_better_champion_and_is_not_answered_twice(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    before = turned.registry(student.name).champion()
    go_live(turned, 1100, drift=1.0, seed=5)
    found = watch_once(student.name, turned, AT_ONCE)
    registry = turned.registry(student.name)
    assert [event.kind for event in found.events] == ["alarm", "retrain", "add", "decide", "retrained", "promote"]
    new = registry.champion()
    assert new and new != before and found.action.startswith(f"promoted {new}")
    lineage = registry.manifest(new).lineage
    assert lineage.live_rows == 1100 and lineage.data_rows == 1700
    decision = next(event for event in found.events if event.kind == "decide")
    assert decision.reason.startswith("live rows: ") and "rows of the past" in decision.reason
    assert watch_once(student.name, turned, AT_ONCE).action.startswith("probation of")
    spread = [cells.dispersion for cells in registry.load(new).reference.columns.values()]
    assert None not in spread, "how much live rows vary by themselves is known from their order"
    assert kinds(turned, student.name).count("retrain") == 1


@pytest.mark.slow
def test_a_promoted_version_that_does_well_is_settled(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 900, drift=1.0, seed=5)
    watch_once(student.name, turned, AT_ONCE)
    go_live(turned, 600, drift=1.0, seed=6)
    found = watch_once(student.name, turned, AT_ONCE)
    assert found.action.startswith("settled"), found.action
    assert watch_once(student.name, turned, AT_ONCE).action.startswith("nothing to do")


def test_a_promoted_version_that_is_worse_is_taken_back(
    student: Project, workspace: Workspace, go_live: GoLive
) -> None:
    """It learned from a cohort alone, which goes away again; a gate that minds nothing of the past let it."""
    turn(Plan.of(student, ["data.rows=600", "model=linear", "gate.slice_drop=5"], workspace))
    registry = workspace.registry(student.name)
    before = registry.champion()
    go_live(workspace, 900, drift=1.0, seed=5)
    watch_once(student.name, workspace, replace_policy(AT_ONCE, past="none"))
    assert registry.champion() != before
    go_live(workspace, 600, drift=0.0, seed=6)
    found = watch_once(student.name, workspace, AT_ONCE)
    assert found.action.startswith("rolled back from"), found.action
    assert registry.champion() == before
    assert registry.history()[-1].by.startswith("watch ")


def test_a_person_who_is_to_be_asked_is_asked(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 900, drift=1.0, seed=5)
    found = watch_once(student.name, turned, replace_policy(AT_ONCE, promote="ask"))
    assert "waits for you: omloop promote student_performance" in found.action
    assert watch_once(student.name, turned, replace_policy(AT_ONCE, promote="ask")).action == found.action
    assert kinds(turned, student.name)[-1] == "retrained"


def test_without_a_champion_there_is_nothing_to_watch(student: Project, workspace: Workspace) -> None:
    with pytest.raises(OmloopError, match="has no champion yet. Make one with: omloop turn"):
        watch_once(student.name, workspace)


SEEN = Observation("p", "v", 500, 500, 500, main="rmse", higher_is_better=False)
MOVED = replace(SEEN, buckets=2, alarm=Alarm(1, 1, 1, (Movement("age", 1e-9, 0.5, True),), 1e-6))
ROSE = Rise(500, 400, 300, 1.0)
POOR = replace(SEEN, live={"rmse": Estimate(26.8, 24.0, 29.7)}, tested={"rmse": Estimate(18.2, 16.7, 20.0)})


@pytest.mark.parametrize(
    ("seen", "act", "told"),
    [
        (SEEN, "nothing", "collecting"),
        (MOVED, "tell", "told: age moved; no loss is shown"),
        (replace(MOVED, estimated_loss=0.05), "retrain", "age moved, and it costs 0.05 by estimate"),
        (replace(MOVED, estimated_loss=0.01), "tell", "no loss is shown"),
        (replace(SEEN, rise=ROSE), "retrain", "the error rose"),
        (replace(POOR, buckets=2), "nothing", "nothing to do; worse in this window, not yet beyond doubt"),
        (replace(POOR, buckets=2, alarm=MOVED.alarm), "tell", "age moved; worse in this window, not yet beyond doubt"),
        (replace(MOVED, rise=ROSE, broken=("age is absent",)), "tell", "nothing is learned from it"),
    ],
)
def test_the_default_policy(seen: Observation, act: str, told: str) -> None:
    """Loss and harmful drift are learned from, harmless drift is told, and what is broken is never learned from."""
    found, reason = action_for(seen, Policy())
    assert found == act and told in reason


def replace_policy(policy: Policy, **changes: object) -> Policy:
    import msgspec

    return msgspec.structs.replace(policy, **changes)


def test_every_event_says_who_and_why(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 900, drift=1.0, seed=5)
    events: tuple[Event, ...] = watch_once(student.name, turned, AT_ONCE).events
    claim = next(event for event in events if event.kind == "retrain")
    assert claim.reason and claim.evidence["labels"] == 900
    assert {event.by for event in events if event.kind in ("add", "decide", "promote")} == {f"watch {claim.number}"}


def test_a_window_no_worse_than_the_test_is_no_loss() -> None:
    well = replace(SEEN, live={"rmse": Estimate(18.0, 15.0, 19.0)}, tested=POOR.tested)
    assert [seen.verdict for seen in (SEEN, well, POOR, replace(POOR, rise=ROSE))] == [
        "too few labels to tell",
        "no loss",
        "worse in this window, not yet beyond doubt",
        "it hurts",
    ]
    more = replace(
        POOR,
        main="r2",
        higher_is_better=True,
        live={"r2": Estimate(0.9, 0.8, 0.95)},
        tested={"r2": Estimate(0.5, 0.4, 0.6)},
    )
    assert more.verdict == "no loss", "more of it is better"


def test_a_loss_waits_until_a_bucket_of_its_inputs_was_looked_at(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    """Labels may show a loss before it can be known that the data is broken."""
    go_live(turned, 1250, drift=0.0, seed=4)
    go_live(turned, 240, drift=1.0, seed=5)
    found = watch_once(student.name, turned, AT_ONCE)
    assert found.seen.hurt and found.action.startswith("waiting: a whole bucket of the inputs since the error rose")


def test_an_alarm_of_an_older_omloop_goes_on(student: Project, turned: Workspace, go_live: GoLive) -> None:
    """Its events say nothing of an episode."""
    registry = turned.registry(student.name)
    version = registry.champion() or ""
    registry.record("alarm", version, by="watch", reason="age moved", evidence={"signs": ["drift"]})
    go_live(turned, 600, drift=0.0, seed=5)
    assert [event.kind for event in watch_once(student.name, turned, TELL).events] == ["quiet"]
