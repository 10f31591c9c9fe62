import math
from pathlib import Path

import pytest

from omloop.bundle import Bundle
from omloop.core import (
    BundleError,
    ConflictError,
    Decision,
    Lineup,
    OmloopError,
    PartUse,
    PromotionError,
    UnknownNameError,
)
from omloop.register import FileBlobs, Registry, projects


def crown(registry: Registry, *versions: str) -> None:
    for version in versions:
        registry.promote(version, expected=registry.champion(), by="ada", reason="because")


def test_a_version_comes_back_as_it_was_added(registry: Registry, bundles: list[Bundle]) -> None:
    version = registry.add(bundles[0], by="ada")
    assert version == bundles[0].digest[:12]
    assert registry.load(version).digest == registry.load(version[:5]).digest == bundles[0].digest
    assert registry.manifest(version).lineage == bundles[0].manifest.lineage


def test_adding_a_bundle_twice_adds_one_version_and_one_event(registry: Registry, bundles: list[Bundle]) -> None:
    first, second = (registry.add(bundles[0], by=name) for name in ("ada", "bob"))
    assert first == second
    assert [(event.kind, event.by) for event in registry.history()] == [("add", "ada")]


def test_versions_are_listed_in_order_of_addition(registry: Registry, versions: list[str]) -> None:
    assert registry.versions() == tuple(versions)


def test_a_bundle_of_another_project_is_refused(blobs: FileBlobs, bundles: list[Bundle]) -> None:
    with pytest.raises(BundleError, match="of the project 'tiny', not of 'other'"):
        Registry(blobs, "other").add(bundles[0], by="ada")
    assert projects(blobs) == ()


def test_projects_with_versions_are_listed(blobs: FileBlobs, versions: list[str]) -> None:
    blobs.create("notes/readme.txt", b"")
    assert projects(blobs) == ("tiny",)


def test_a_damaged_version_is_named(registry: Registry, versions: list[str], tmp_path: Path) -> None:
    (path,) = (tmp_path / "store/tiny/bundles").glob(f"{versions[0]}*/model.onnx")
    path.write_bytes(b"cut")
    with pytest.raises(BundleError, match=f"Version {versions[0]} of tiny: model"):
        registry.load(versions[0])


def test_the_first_promotion_expects_no_champion(registry: Registry, versions: list[str]) -> None:
    assert registry.champion() is None
    event = registry.promote(versions[0], expected=None, by="ada", reason="first", evidence={"gain": 0.1})
    assert registry.champion() == event.champion == event.version == versions[0]
    assert registry.history()[-1] == event
    assert (event.by, event.reason, event.evidence) == ("ada", "first", {"gain": 0.1})


def test_a_promotion_that_expected_another_champion_changes_nothing(registry: Registry, versions: list[str]) -> None:
    crown(registry, versions[0])
    for expected in (None, versions[1]):
        with pytest.raises(ConflictError, match=versions[0]):
            registry.promote(versions[2], expected=expected, by="bob", reason="late")
    assert registry.champion() == versions[0]


def test_an_event_in_between_that_leaves_the_champion_alone_does_not_stop_a_promotion(
    registry: Registry, versions: list[str], blobs: FileBlobs
) -> None:
    """The event's number is taken while the promotion is on its way, the champion is not."""

    class Slow(FileBlobs):
        raced = False

        def create(self, key: str, content: bytes) -> None:
            if not Slow.raced:
                Slow.raced = True
                registry.decide(versions[1], Decision("worse", "no"), against=None, by="bob")
            super().create(key, content)

    slow = Registry(Slow(blobs._root), "tiny")
    assert slow.promote(versions[0], expected=None, by="ada", reason="first").number == 6
    assert [event.kind for event in registry.history()[-2:]] == ["decide", "promote"]


def test_promoting_the_champion_again_is_refused_kindly(registry: Registry, versions: list[str]) -> None:
    crown(registry, versions[0])
    with pytest.raises(PromotionError, match="already the champion"):
        registry.promote(versions[0], expected=versions[0], by="ada", reason="again")


def test_an_unknown_version_is_nowhere_accepted(registry: Registry, versions: list[str]) -> None:
    for verb in (
        lambda: registry.promote("0000ffff", expected=None, by="ada", reason=""),
        lambda: registry.rollback(by="ada", reason="", to="0000ffff"),
        lambda: registry.decide("0000ffff", Decision("better", ""), against=None, by="ada"),
        lambda: registry.decision("0000ffff"),
        lambda: registry.load("0000ffff"),
    ):
        with pytest.raises((UnknownNameError, PromotionError)):
            verb()
    assert registry.champion() is None


def test_a_version_that_is_not_whole_is_not_promoted(registry: Registry, versions: list[str], tmp_path: Path) -> None:
    (path,) = (tmp_path / "store/tiny/bundles").glob(f"{versions[0]}*/model.onnx")
    path.unlink()
    with pytest.raises(BundleError, match="missing"):
        registry.promote(versions[0], expected=None, by="ada", reason="")
    assert registry.champion() is None


def test_a_rollback_goes_to_the_champion_before_and_further(registry: Registry, versions: list[str]) -> None:
    crown(registry, *versions[:3])
    event = registry.rollback(by="ada", reason="it was wrong")
    assert (event.kind, event.version, event.reason) == ("rollback", versions[1], "it was wrong")
    assert registry.rollback(by="ada", reason="still").champion == registry.champion() == versions[0]
    with pytest.raises(PromotionError, match="none to go back to"):
        registry.rollback(by="ada", reason="once more")


def test_a_rollback_can_name_an_earlier_champion(registry: Registry, versions: list[str]) -> None:
    crown(registry, *versions[:3])
    assert registry.rollback(by="ada", reason="", to=versions[0][:6]).champion == versions[0]
    with pytest.raises(PromotionError, match="never champion"):
        registry.rollback(by="ada", reason="", to=versions[3])


def test_what_was_live_at_a_time_is_known(blobs: FileBlobs, registry: Registry, versions: list[str]) -> None:
    now = 10.0 + registry.history()[-1].time
    clocked = Registry(blobs, "tiny", clock=lambda: now)
    crown(clocked, versions[0])
    now += 10
    crown(clocked, versions[1])
    now += 10
    clocked.rollback(by="ada", reason="")
    lived = [clocked.at(now + offset) for offset in (-21, -20, -11, -10, -1, 0, 99)]
    assert lived == [None, versions[0], versions[0], versions[1], versions[1], versions[0], versions[0]]


def test_time_never_goes_back_even_if_the_clock_does(blobs: FileBlobs, bundles: list[Bundle]) -> None:
    ticks = iter([100.0, 50.0, 200.0])
    registry = Registry(blobs, "tiny", clock=lambda: next(ticks))
    for bundle in bundles[:3]:
        registry.add(bundle, by="ada")
    assert [event.time for event in registry.history()] == [100.0, 100.0, 200.0]


def test_the_latest_decision_against_the_present_champion_counts(registry: Registry, versions: list[str]) -> None:
    first, second, champion = versions[:3]
    registry.decide(first, Decision("better", "against none"), against=None, by="ada")
    assert registry.decision(first) == Decision("better", "against none")
    crown(registry, champion)
    assert registry.decision(first) is None
    registry.decide(first, Decision("worse", "one", {"gain": -0.1}), against=champion[:8], by="ada")
    registry.decide(first, Decision("better", "two", {"gain": 0.2, "rows": 640}), against=champion, by="ada")
    assert registry.decision(first) == Decision("better", "two", {"gain": 0.2, "rows": 640})
    assert registry.decision(second) is None


def test_a_decision_changes_no_champion_and_is_in_the_history(registry: Registry, versions: list[str]) -> None:
    crown(registry, versions[0])
    event = registry.decide(versions[1], Decision("worse", "r2 fell"), against=versions[0], by="ada")
    assert event.champion == registry.champion() == versions[0]
    assert (event.kind, event.reason, event.evidence["verdict"]) == ("decide", "r2 fell", "worse")
    assert event.evidence["against"] == versions[0]


def test_uses_of_test_rows_are_kept_with_decisions_against_one_champion(
    registry: Registry, versions: list[str]
) -> None:
    """A decision of an older omloop says nothing of its rows, and is left out."""
    use = PartUse(versions[1], "r2", 0.1, 300, (3, 2**48 - 1), (0.25, -1.5e-7), better=True)
    registry.decide(versions[1], Decision("better", "", use=use), against=None, by="ada")
    crown(registry, versions[0])
    registry.decide(versions[1], Decision("worse", "an older omloop"), against=versions[0], by="ada")
    registry.decide(versions[2], Decision("worse", "", use=use), against=versions[0], by="ada")
    assert registry.uses(None) == registry.uses(versions[0]) == (use,)
    assert registry.uses(versions[1]) == ()


def test_a_number_that_is_not_defined_survives_in_a_decision(registry: Registry, versions: list[str]) -> None:
    registry.decide(versions[0], Decision("not enough evidence", "", {"gain": math.nan}), against=None, by="ada")
    decision = registry.decision(versions[0])
    assert decision is not None and math.isnan(decision.evidence["gain"])


def test_champion_and_trial_are_one_read(registry: Registry, versions: list[str], tmp_path: Path) -> None:
    assert registry.lineup() == Lineup(None)
    registry.promote(versions[2], expected=None, by="ada", reason="good")
    trial = registry.begin_trial(versions[1], "shadow", share=0.5, by="ada")
    for path in sorted((tmp_path / "store" / "tiny" / "history").iterdir())[:-1]:
        path.write_bytes(b"nobody reads this")
    assert registry.lineup() == Lineup(versions[2], trial)


def test_a_rollback_that_expected_another_champion_changes_nothing(registry: Registry, versions: list[str]) -> None:
    for before, version in zip([None, *versions], versions[:3], strict=False):
        registry.promote(version, expected=before, by="ada", reason="good")
    with pytest.raises(ConflictError, match=versions[2]):
        registry.rollback(by="ada", reason="late", expected=versions[1])
    assert registry.rollback(by="ada", reason="in time", expected=versions[2]).champion == versions[1]


def test_without_a_champion_the_next_step_is_told(registry: Registry, versions: list[str]) -> None:
    with pytest.raises(OmloopError, match="'tiny' has no champion yet. Make one with: omloop turn tiny"):
        registry.require_champion()
