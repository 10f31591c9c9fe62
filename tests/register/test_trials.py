"""Trials: one version beside the champion, begun and ended in the history."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from omloop.core import BundleError, ConflictError, Decision, Event, PromotionError, Trial, UnknownNameError
from omloop.register import FileBlobs, Registry
from omloop.register.trials import require_alike
from omloop.testing.bundles import tiny_bundle, tiny_sure_bundle, tiny_text_bundle


@pytest.fixture
def crowned(registry: Registry, versions: list[str]) -> Registry:
    """Four versions, the first of them champion."""
    registry.promote(versions[0], expected=None, by="ada", reason="first")
    return registry


def test_a_trial_that_was_begun_is_seen_by_everybody(crowned: Registry, versions: list[str], blobs: FileBlobs) -> None:
    begun = crowned.begin_trial(versions[1][:5], "canary", share=0.1, by="ada", reason="to see")
    assert begun == Trial(versions[1], "canary", 0.1, crowned.history()[-1].time)
    assert Registry(blobs, "tiny").trial() == begun
    event = crowned.history()[-1]
    assert (event.kind, event.version, event.champion, event.reason) == ("try", versions[1], versions[0], "to see")


def test_without_a_trial_there_is_none(registry: Registry, versions: list[str]) -> None:
    assert registry.trial() is None
    registry.promote(versions[0], expected=None, by="ada", reason="first")
    assert registry.trial() is None


def test_a_history_from_before_there_were_trials_is_read(crowned: Registry, versions: list[str]) -> None:
    (event,) = (event for event in crowned.history() if event.kind == "promote")
    old = {name: value for name, value in msgspec.to_builtins(event).items() if name != "trial"}
    assert msgspec.json.decode(msgspec.json.encode(old), type=Event) == event


def test_an_end_says_who_and_why(crowned: Registry, versions: list[str]) -> None:
    event = crowned.end_trial(
        crowned.begin_trial(versions[1], "shadow", share=1.0, by="ada"), reason="seen enough", by="bob"
    )
    assert (event.kind, event.version, event.by, event.reason) == ("stop", versions[1], "bob", "seen enough")
    assert crowned.trial() is None and crowned.champion() == versions[0]


def test_a_trial_that_is_over_cannot_be_ended_again(crowned: Registry, versions: list[str]) -> None:
    """Nor does a late writer end the trial that came after it, even of the same version."""
    first = crowned.begin_trial(versions[1], "shadow", share=1.0, by="ada")
    crowned.end_trial(first, reason="", by="ada")
    with pytest.raises(ConflictError, match="over already: nothing is being tried"):
        crowned.end_trial(first, reason="", by="bob")
    second = crowned.begin_trial(versions[1], "canary", share=0.5, by="ada")
    with pytest.raises(ConflictError, match=f"{versions[1]} is being tried"):
        crowned.end_trial(first, reason="", by="bob")
    assert crowned.trial() == second


def test_events_that_have_nothing_to_do_with_it_leave_a_trial_alone(crowned: Registry, versions: list[str]) -> None:
    trial = crowned.begin_trial(versions[1], "shadow", share=1.0, by="ada")
    crowned.add(tiny_bundle(5.0), by="ada")
    crowned.decide(versions[2], Decision("worse", "no"), against=versions[0], by="ada")
    crowned.decide(versions[1], Decision("not enough evidence", "hm"), against=versions[0], by="ada")
    assert crowned.trial() == trial


def test_promoting_rolling_back_and_rejecting_end_a_trial(crowned: Registry, versions: list[str]) -> None:
    """It was one beside the champion of then: with another champion it would say another thing."""
    crowned.promote(versions[3], expected=versions[0], by="ada", reason="")
    for end in (
        lambda: crowned.decide(versions[1], Decision("worse", "no"), against=versions[3], by="ada"),
        lambda: crowned.rollback(by="ada", reason="it hurts"),
        lambda: crowned.promote(versions[2], expected=versions[0], by="ada", reason="another one"),
        lambda: crowned.promote(versions[1], expected=versions[2], by="ada", reason="the one that was tried"),
    ):
        crowned.begin_trial(versions[1], "shadow", share=1.0, by="ada")
        end()
        assert crowned.trial() is None


def test_only_one_trial_runs_at_a_time(crowned: Registry, versions: list[str]) -> None:
    crowned.begin_trial(versions[1], "shadow", share=1.0, by="ada")
    for version in versions[1:3]:
        with pytest.raises(PromotionError, match="is being tried already. End that trial first"):
            crowned.begin_trial(version, "canary", share=0.1, by="bob")


def test_of_many_who_begin_at_once_one_does(crowned: Registry, versions: list[str], blobs: FileBlobs) -> None:
    def begin(version: str) -> Trial | None:
        try:
            return Registry(blobs, "tiny").begin_trial(version, "shadow", share=1.0, by=version)
        except PromotionError:
            return None

    with ThreadPoolExecutor(8) as pool:
        begun = [found for found in pool.map(begin, versions[1:] * 4) if found is not None]
    assert begun == [crowned.trial()]


def test_a_champion_that_changes_while_a_trial_is_begun_is_a_conflict(
    crowned: Registry, versions: list[str], blobs: FileBlobs
) -> None:
    class Slow(FileBlobs):
        raced = False

        def create(self, key: str, content: bytes) -> None:
            if not Slow.raced:
                Slow.raced = True
                crowned.promote(versions[3], expected=versions[0], by="bob", reason="first")
            super().create(key, content)

    with pytest.raises(ConflictError, match=versions[3]):
        Registry(Slow(blobs._root), "tiny").begin_trial(versions[1], "shadow", share=1.0, by="ada")
    assert crowned.trial() is None


def test_the_champion_itself_and_unknown_versions_are_not_tried(crowned: Registry, versions: list[str]) -> None:
    with pytest.raises(PromotionError, match="it is the champion"):
        crowned.begin_trial(versions[0], "shadow", share=1.0, by="ada")
    with pytest.raises(UnknownNameError):
        crowned.begin_trial("0000ffff", "shadow", share=1.0, by="ada")


def test_without_a_champion_there_is_nothing_to_try_beside(registry: Registry, versions: list[str]) -> None:
    with pytest.raises(PromotionError, match="promote one first"):
        registry.begin_trial(versions[1], "shadow", share=1.0, by="ada")


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, float("nan"), float("inf")])
def test_a_share_is_above_nothing_and_at_most_all(crowned: Registry, versions: list[str], share: float) -> None:
    with pytest.raises(PromotionError, match="above 0 and at most 1"):
        crowned.begin_trial(versions[1], "shadow", share=share, by="ada")


def test_what_answers_another_thing_is_not_tried(crowned: Registry) -> None:
    version = crowned.add(tiny_bundle(classes=("sad", "happy")), by="ada")
    with pytest.raises(PromotionError, match="it answers another thing"):
        crowned.begin_trial(version, "canary", share=0.1, by="ada")


@pytest.mark.parametrize("classes", [(), ("sad", "happy")])
def test_what_says_how_sure_it_is_may_be_tried_beside_what_does_not(classes: tuple[str, ...]) -> None:
    """A champion of an older omloop does not; which of the two is the candidate is all one."""
    older, newer = tiny_bundle(classes=classes), tiny_sure_bundle(classes=classes)
    require_alike(newer, older)
    require_alike(older, newer)


def test_what_does_not_read_what_the_champion_reads_is_not_tried() -> None:
    """A table and a text under one output."""
    text, table = tiny_text_bundle(), tiny_bundle(classes=("negative", "positive"))
    with pytest.raises(PromotionError, match=f"{text.version} does not read the examples of {table.version}"):
        require_alike(text, table)


def test_a_version_that_is_not_whole_is_not_tried(crowned: Registry, versions: list[str], tmp_path: Path) -> None:
    (path,) = (tmp_path / "store/tiny/bundles").glob(f"{versions[1]}*/model.onnx")
    path.write_bytes(b"cut")
    with pytest.raises(BundleError, match=versions[1]):
        crowned.begin_trial(versions[1], "shadow", share=1.0, by="ada")
