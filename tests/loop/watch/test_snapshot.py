"""A look decides on one state of a project, which it reads once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from omloop.core import Event, Project
from omloop.loop import Workspace
from omloop.loop.watch import watch
from omloop.loop.watch.look import Observation
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.proving import TrialFinding
from omloop.loop.watch.snapshot import snapshot
from omloop.loop.watch.stage import BY, stage_of
from omloop.loop.watch.watch import watch_once
from omloop.monitor.files import FilePredictions
from omloop.register import FileBlobs
from omloop.testing.bundles import tiny_bundle

GoLive = Callable[..., None]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What was asked of the store and the log: events, manifests and other files, listings, windows."""
    counts = Counter[str]()

    def count(owner: type, name: str, kind: Callable[..., str]) -> None:
        plain = getattr(owner, name)

        def method(self: Any, *words: Any, **given: Any) -> Any:
            counts[kind(*words)] += 1
            return plain(self, *words, **given)

        monkeypatch.setattr(owner, name, method)

    count(FileBlobs, "list", lambda prefix: "listings")
    count(FileBlobs, "read", lambda key: "events" if "/history/" in key else key.rpartition("/")[2])
    count(FilePredictions, "window", lambda: "windows")
    return counts


def test_a_look_reads_what_is_new_of_the_history_and_the_champion_once(
    student: Project, turned: Workspace, go_live: GoLive, asked: Counter[str]
) -> None:
    go_live(turned, 130, drift=0.0, seed=3)
    watch_once(student.name, turned)
    other = replace(turned).registry(student.name)
    for number in range(11):
        other.record("settled", other.champion() or "", by="ada", reason=f"note {number}")
    asked.clear()
    watch_once(student.name, turned)
    assert (asked["listings"], asked["events"]) == (1, 11 + 1), "the newest known event is read again"
    assert (asked["manifest.json"], asked["model.onnx"]) == (1, 1)
    assert asked["windows"] <= 3, "none newly counted, the newest, the labelled"


def test_a_look_that_rings_reads_no_more_for_its_page(
    student: Project, turned: Workspace, go_live: GoLive, asked: Counter[str]
) -> None:
    go_live(turned, 900, drift=1.0, seed=8)
    watch_once(student.name, turned)  # counts, so that what follows is about the alarm alone
    go_live(turned, 10, drift=1.0, seed=9)
    turned.registry(student.name).record("quiet", snapshot(student.name, turned).version, by=BY, reason="as if none")
    asked.clear()
    found = watch_once(student.name, turned)
    assert found.report is not None and [event.kind for event in found.events] == ["alarm"]
    assert asked["listings"] == 2 and asked["manifest.json"] == 1, "the second listing is for the alarm's number"
    assert asked["windows"] <= 4


def test_the_page_is_about_the_predictions_that_rang(
    student: Project, turned: Workspace, go_live: GoLive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is answered while the look goes on is for the next one."""
    go_live(turned, 900, drift=1.0, seed=8)
    plain = watch.write_report

    def later(seen: Observation, *given: Any) -> Any:
        go_live(turned, 40, drift=0.0, seed=1)
        return plain(seen, *given)

    monkeypatch.setattr(watch, "write_report", later)
    found = watch_once(student.name, turned)
    assert found.report is not None and found.seen.windows is not None
    told = json.loads(found.report.with_suffix(".json").read_text())
    assert told["rows"] == found.seen.rows == len(found.seen.windows.newest.predictions)
    assert told["hurt"]["labels"] == 900


def test_a_champion_that_was_replaced_during_the_look_is_not_retrained(
    student: Project, turned: Workspace, go_live: GoLive, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_live(turned, 900, drift=1.0, seed=8)
    now, other = snapshot(student.name, turned), replace(turned).registry(student.name)
    manifest = replace(now.bundle.manifest, lineage=replace(now.bundle.manifest.lineage, seed=99))
    plain = watch.looked_at

    def meanwhile(*given: Any) -> None:
        plain(*given)
        second = other.add(now.bundle.seal(manifest, {**now.bundle.files, "card.md": b"another"}), by="ada")
        other.promote(second, expected=now.version, by="ada", reason="by hand")

    monkeypatch.setattr(watch, "looked_at", meanwhile)
    found = watch_once(student.name, turned, Policy(shadow=0, pause_minutes=0.0, probation=0))
    assert found.action.startswith("left to others"), found.action
    assert "retrain" not in [event.kind for event in other.history()]


@pytest.fixture
def proven(workspace: Workspace) -> tuple[Workspace, tuple[str, ...]]:
    """A project of three versions: the second is champion, and the watch retrained and promoted the third."""
    registry = workspace.registry("tiny")
    versions = tuple(registry.add(tiny_bundle(weight), by="ada") for weight in (1.0, 2.0, 3.0))
    registry.promote(versions[0], expected=None, by="ada", reason="the first")
    registry.promote(versions[1], expected=versions[0], by="ada", reason="better")
    claim = registry.record("retrain", versions[1], by=BY, reason="it hurts")
    about = {"claim": claim.number, "verdict": "better"}
    registry.record("retrained", versions[2], by=BY, reason="better", evidence=about)
    return workspace, versions


def meanwhile(act: Callable[[], object], verdict: str) -> Callable[..., TrialFinding]:
    """A finding that comes while another watch acts."""

    def find(*given: object) -> TrialFinding:
        act()
        return TrialFinding(verdict, "as it was found")  # type: ignore[arg-type]

    return find


@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_a_candidate_that_another_watch_promoted_meanwhile_is_not_dropped(
    proven: tuple[Workspace, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    workspace, (_, second, third) = proven
    other = replace(workspace).registry("tiny")
    promote = meanwhile(lambda: other.promote(third, expected=second, by="watch 6", reason="proven"), verdict)
    monkeypatch.setattr(watch, "prove_in_shadow", promote)
    now = snapshot("tiny", workspace)
    with pytest.raises(watch.ConflictError):
        watch._prove(now, workspace, Policy(shadow=20, most_times_slower=1e9), stage_of(now.events))
    assert other.champion() == third and other.history()[-1].kind == "promote"


@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_a_version_that_another_watch_took_back_meanwhile_is_taken_back_once(
    proven: tuple[Workspace, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    workspace, (_, second, third) = proven
    registry, other = workspace.registry("tiny"), replace(workspace).registry("tiny")
    registry.promote(third, expected=second, by="watch 6", reason="proven", evidence={"claim": 6})
    back = meanwhile(lambda: other.rollback(by="watch 6", reason="worse"), verdict)
    monkeypatch.setattr(watch, "probation", back)
    now = snapshot("tiny", workspace)
    with pytest.raises(watch.ConflictError):
        watch._probation(now, workspace, TELL, stage_of(now.events))
    last: Event = other.history()[-1]
    assert (last.kind, last.champion) == ("rollback", second)
