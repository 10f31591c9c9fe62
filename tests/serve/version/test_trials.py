"""The version on trial: found, checked, left alone."""

import logging
from dataclasses import replace

import pytest

from omloop.bundle import MODEL
from omloop.core import StoreError, Trial
from omloop.serve import Champion
from omloop.serve.version.trials import ERRORS, Candidate
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions

KEYS = [f"caller-{number}" for number in range(4000)]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def versions() -> MemoryVersions:
    return MemoryVersions(tiny_bundle())


@pytest.fixture
def champion(versions: MemoryVersions) -> Champion:
    found = Champion(versions, threads=1, clock=Clock())
    found.refresh()
    return found


def candidate(share: float, version: str = "c0ffee123456") -> Candidate:
    return Candidate(Trial(version, "canary", share, 0.0), None)  # type: ignore[arg-type]


def taken(by: Candidate) -> set[str]:
    return {key for key in KEYS if by.takes(key)}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_a_share_of_the_keys_is_taken(share: float) -> None:
    """Within four standard deviations of a fair draw."""
    spread = 4 * (share * (1 - share) / len(KEYS)) ** 0.5
    assert len(taken(candidate(share))) / len(KEYS) == pytest.approx(share, abs=spread)


def test_a_larger_share_takes_the_same_keys_and_more() -> None:
    """Whoever met a canary goes on meeting it while its share grows."""
    shares = [taken(candidate(share)) for share in (0.1, 0.3, 1.0)]
    assert shares[0] < shares[1] < shares[2] == set(KEYS)


def test_another_version_takes_other_keys() -> None:
    """Else the same callers would meet every canary."""
    assert len(taken(candidate(0.1)) & taken(candidate(0.1, "badcafe12345"))) < 100


def test_a_trial_is_found_and_forgotten(champion: Champion, versions: MemoryVersions) -> None:
    assert champion.trials.candidate is None and champion.trials.told() is None
    trial = versions.begin_trial(tiny_bundle(2.0), "canary", 0.25)
    champion.refresh()
    found = champion.trials.candidate
    assert found is not None and found.trial == trial and found.serving.version == tiny_bundle(2.0).version
    assert champion.trials.told() == {
        "version": trial.version,
        "mode": "canary",
        "share": 0.25,
        "since": "1970-01-01T00:16:40.000+00:00",
        "runs": True,
        "problem": None,
    }
    versions.tried = None
    champion.refresh()
    assert champion.trials.candidate is None and champion.trials.told() is None


def test_a_trial_that_goes_on_is_not_loaded_again(champion: Champion, versions: MemoryVersions) -> None:
    versions.begin_trial(tiny_bundle(2.0), "shadow")
    for _ in range(4):
        champion.refresh()
    assert len(versions.loads) == 2


def test_promoting_it_ends_the_trial_and_serves_it(champion: Champion, versions: MemoryVersions) -> None:
    versions.begin_trial(tiny_bundle(2.0), "shadow")
    champion.refresh()
    version = versions.promote(tiny_bundle(2.0))
    champion.refresh()
    assert champion.serving is not None and champion.serving.version == version
    assert champion.trials.candidate is None


def test_a_bad_bundle_is_refused_told_once_and_tried_again(
    champion: Champion, versions: MemoryVersions, caplog: pytest.LogCaptureFixture
) -> None:
    """The champion goes on, whatever is tried beside it."""
    good = tiny_bundle(2.0)
    versions.begin_trial(replace(good, files={**good.files, MODEL: good.files[MODEL][:-1]}), "shadow")
    with caplog.at_level(logging.ERROR, "omloop.serve"):
        for _ in range(4):
            champion.refresh()
    assert champion.serving is not None and champion.problem is None and champion.trials.candidate is None
    told = champion.trials.told()
    assert told is not None and told["problem"]["version"] == good.version and told["runs"] is False
    assert len(caplog.records) == 1 and "is not tried" in caplog.text
    assert len(versions.loads) == 2
    versions.bundles[good.version] = good
    champion._clock.now += 31.0  # type: ignore[attr-defined]
    champion.refresh()
    assert champion.trials.candidate is not None and champion.trials.problem is None


def test_a_store_that_fails_changes_nothing(champion: Champion, versions: MemoryVersions) -> None:
    versions.begin_trial(tiny_bundle(2.0), "shadow")
    champion.refresh()
    before = champion.trials.candidate
    versions.failing = StoreError("The disk is gone.")
    champion.refresh()
    assert champion.trials.candidate is before is not None


def test_a_canary_that_fails_a_few_times_is_left_alone_and_its_trial_ended(
    champion: Champion, versions: MemoryVersions
) -> None:
    versions.begin_trial(tiny_bundle(2.0), "canary")
    champion.refresh()
    found = champion.trials.candidate
    assert found is not None
    champion.trials.failed(found, ERRORS - 1)
    assert champion.trials.candidate is found
    champion.trials.failed(found, 1)
    assert champion.trials.candidate is None
    told = champion.trials.told()
    assert told is not None and "failed 3 times" in told["problem"]["reason"]
    champion.refresh()
    assert versions.tried is None
    champion.refresh()
    assert champion.trials.told() is None


def test_where_the_store_cannot_be_written_a_failing_canary_stays_away_all_the_same(
    champion: Champion, versions: MemoryVersions, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told once in a while, not at every look."""

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("It may only be read.")

    monkeypatch.setattr(versions, "end_trial", refuse)
    versions.begin_trial(tiny_bundle(2.0), "canary")
    champion.refresh()
    assert champion.trials.candidate is not None
    champion.trials.failed(champion.trials.candidate, ERRORS)
    for _ in range(4):
        champion.refresh()
    assert champion.trials.candidate is None and versions.tried is not None
    assert caplog.text.count("cannot be ended in the store") == 1


def test_failures_of_a_trial_that_is_over_count_for_nothing(champion: Champion, versions: MemoryVersions) -> None:
    versions.begin_trial(tiny_bundle(2.0), "canary")
    champion.refresh()
    old = champion.trials.candidate
    versions.tried = Trial(tiny_bundle(2.0).version, "canary", 0.5, 2000.0)
    champion.refresh()
    assert old is not None
    champion.trials.failed(old, 99)
    assert champion.trials.candidate is not None and champion.trials.candidate is not old
