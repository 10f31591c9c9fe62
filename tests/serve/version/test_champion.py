import logging
import threading
from dataclasses import replace

import httpx
import pytest

from omloop.bundle import MODEL, Bundle, encode_examples
from omloop.core import StoreError
from omloop.serve import Champion
from omloop.testing.bundles import TABLE, tiny_bundle
from omloop.testing.memories import MemoryVersions


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def changed(bundle: Bundle) -> Bundle:
    """The same manifest over a model with one byte changed."""
    model = bundle.files[MODEL]
    return replace(bundle, files={**bundle.files, MODEL: model[:-1] + bytes([model[-1] ^ 1])})


def lying(bundle: Bundle) -> Bundle:
    """A well-sealed bundle whose recorded answers are not those of its model."""
    rows = TABLE.edges()
    wrong = encode_examples(list(TABLE.render(rows)), rows[:, 0] - 1e3)
    return Bundle.seal(bundle.manifest, {**bundle.files, "examples.json": wrong})


def test_the_champion_of_the_store_serves_after_a_refresh():
    versions = MemoryVersions(tiny_bundle())
    champion = Champion(versions, threads=1)
    assert champion.serving is None
    assert champion.refresh()
    assert champion.serving is not None
    assert champion.serving.version == versions.current
    assert (champion.swaps, champion.problem) == (1, None)


def with_int8(bundle: Bundle, weight: float, tolerance: float) -> Bundle:
    """The bundle with a second form of its model, which answers `weight` times as much, as its parity allows or not."""
    (variant,) = bundle.manifest.variants.values()
    rough = replace(variant, parity=replace(variant.parity, tolerance=tolerance))
    manifest = replace(bundle.manifest, variants={MODEL: variant, "variants/int8.onnx": rough})
    return Bundle.seal(manifest, {**bundle.files, "variants/int8.onnx": tiny_bundle(weight).files[MODEL]})


@pytest.mark.parametrize("name", ["int8", "variants/int8.onnx"])
def test_another_form_of_the_model_serves_when_it_is_named(name):
    champion = Champion(MemoryVersions(with_int8(tiny_bundle(), 1.01, tolerance=0.02)), threads=1, variant=name)
    assert champion.refresh()
    serving = champion.serving
    assert serving.variant == "variants/int8.onnx"
    row = serving.session.inputs.parse([{"hours": 1, "age": 20, "sex": "m"}])
    assert serving.session.predict(row)[0] == pytest.approx(44 * 1.01)


@pytest.mark.parametrize(
    ("name", "weight", "reason"),
    [("in8", 1.0, "Did you mean 'int8'"), ("int8", 1.5, "answers its own examples differently")],
)
def test_a_form_that_is_not_there_or_answers_otherwise_is_refused(name, weight, reason):
    champion = Champion(MemoryVersions(with_int8(tiny_bundle(), weight, tolerance=0.02)), threads=1, variant=name)
    assert not champion.refresh()
    assert champion.serving is None and reason in champion.problem.reason


def test_a_champion_that_serves_already_is_not_loaded_again():
    versions = MemoryVersions(tiny_bundle())
    champion = Champion(versions, threads=1)
    assert [champion.refresh() for _ in range(3)] == [True, False, False]
    assert len(versions.loads) == 1


def test_champion_and_trial_are_asked_for_in_one_go(monkeypatch: pytest.MonkeyPatch):
    versions, asked = MemoryVersions(tiny_bundle()), []
    monkeypatch.setattr(versions, "lineup", lambda plain=versions.lineup: asked.append(1) or plain())
    champion = Champion(versions, threads=1)
    champion.refresh()
    versions.begin_trial(tiny_bundle(3.0), "canary", 0.5)
    champion.refresh()
    assert champion.trials.candidate is not None and len(asked) == 2


def test_a_store_without_a_champion_is_no_problem():
    champion = Champion(MemoryVersions(), threads=1)
    assert not champion.refresh()
    assert (champion.serving, champion.problem) == (None, None)


def test_whoever_took_the_version_before_can_go_on_with_it():
    versions = MemoryVersions(tiny_bundle(1.0))
    champion = Champion(versions, threads=1)
    champion.refresh()
    taken = champion.serving
    versions.promote(tiny_bundle(2.0))
    champion.refresh()
    assert taken is not None and champion.serving is not None
    row = TABLE.parse([taken.example])
    assert champion.serving.session.predict(row) == 2 * taken.session.predict(row)


@pytest.mark.parametrize("spoil", [changed, lying], ids=["a changed byte", "other answers than it recorded"])
def test_a_bad_bundle_is_refused_and_the_version_before_goes_on(spoil, caplog: pytest.LogCaptureFixture):
    """Told once, not at every look."""
    versions = MemoryVersions(tiny_bundle())
    champion = Champion(versions, threads=1)
    champion.refresh()
    champion.refresh()  # which measures its batches
    before = champion.serving
    bad = versions.promote(spoil(tiny_bundle(2.0)))
    with caplog.at_level(logging.ERROR, "omloop.serve"):
        assert not any(champion.refresh() for _ in range(5))
    assert champion.serving is before
    assert champion.problem is not None and champion.problem.version == bad
    assert len([record for record in caplog.records if bad in record.getMessage()]) == 1


def test_a_bundle_other_than_the_one_asked_for_is_refused():
    versions = MemoryVersions(tiny_bundle())
    versions.current = "0123456789ab"
    versions.bundles["0123456789ab"] = tiny_bundle()
    champion = Champion(versions, threads=1)
    assert not champion.refresh()
    assert champion.problem is not None and "SHA-256" in champion.problem.reason


def test_a_model_that_is_no_model_is_refused():
    bundle = tiny_bundle()
    champion = Champion(MemoryVersions(Bundle.seal(bundle.manifest, {**bundle.files, MODEL: b"junk"})), threads=1)
    assert not champion.refresh()
    assert champion.problem is not None and "is no ONNX file" in champion.problem.reason


def test_what_a_library_says_of_a_version_is_in_the_log_alone(caplog: pytest.LogCaptureFixture):
    versions = MemoryVersions(tiny_bundle())
    versions.failing = RuntimeError("/srv/secret: errno 71")
    champion = Champion(versions, threads=1)
    champion.refresh()
    assert champion.problem is not None and champion.problem.reason.startswith("it cannot be made ready (RuntimeError)")
    assert "/srv/secret: errno 71" in caplog.text


def test_a_bundle_without_examples_is_refused():
    bundle = tiny_bundle()
    files = {name: content for name, content in bundle.files.items() if name != "examples.json"}
    champion = Champion(MemoryVersions(Bundle.seal(bundle.manifest, files)), threads=1)
    assert not champion.refresh()
    assert champion.problem is not None and "examples.json" in champion.problem.reason


def test_a_refused_bundle_is_tried_again_only_after_a_while():
    clock = Clock()
    versions = MemoryVersions(changed(tiny_bundle()))
    champion = Champion(versions, threads=1, retry_s=30, clock=clock)
    for _ in range(10):
        champion.refresh()
    assert len(versions.loads) == 1
    clock.now += 31
    assert versions.current is not None
    versions.bundles[versions.current] = tiny_bundle()  # the store was repaired
    assert champion.refresh()
    assert champion.problem is None


def test_a_new_champion_after_a_refused_one_is_tried_at_once():
    versions = MemoryVersions(changed(tiny_bundle()))
    champion = Champion(versions, threads=1)
    champion.refresh()
    versions.promote(tiny_bundle(2.0))
    assert champion.refresh()
    assert champion.problem is None


def test_a_store_out_of_reach_stops_nothing_and_is_forgotten_once_it_is_back():
    versions = MemoryVersions(tiny_bundle())
    champion = Champion(versions, threads=1)
    champion.refresh()
    versions.failing = StoreError("Cannot read the store.")
    assert not champion.refresh()
    assert champion.serving is not None
    assert champion.problem is not None and champion.problem.version is None
    versions.failing = None
    champion.refresh()
    assert champion.problem is None


def test_no_request_fails_and_no_answer_mixes_two_versions_while_versions_are_swapped(serve_with):
    """Every answer is the one that the version it names gives."""
    bundles = [tiny_bundle(float(weight)) for weight in range(1, 5)]
    expected = {bundle.version: 44.0 * weight for weight, bundle in enumerate(bundles, start=1)}
    failures: list[object] = []
    seen: set[str] = set()
    done = threading.Event()
    with serve_with(MemoryVersions(bundles[0]), poll_s=0.005) as server:

        def ask() -> None:
            with httpx.Client(base_url=server.url, timeout=20, trust_env=False) as client:
                while not done.is_set():
                    answer = client.post("/v1/predict", json={"rows": [{"hours": 1, "age": 20, "sex": "m"}] * 2})
                    body = answer.json()
                    values = {prediction["value"] for prediction in body.get("predictions", [])}
                    seen.add(body.get("version", ""))
                    if answer.status_code != 200 or values != {expected[body["version"]]}:
                        failures.append(body)

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        for turn in range(24):
            version = server.versions.promote(bundles[turn % 4])
            while server.champion.serving is None or server.champion.serving.version != version:
                done.wait(0.002)
            done.wait(0.01)
        done.set()
        for asker in askers:
            asker.join()
        kept = server.predictions.kept
    assert failures == []
    assert len(seen) > 1
    assert {prediction.output["value"] == expected[prediction.version] for prediction in kept} == {True}


def test_the_first_version_answers_before_its_batches_are_measured():
    versions = MemoryVersions(tiny_bundle())
    champion = Champion(versions, threads=1)
    assert champion.refresh() and champion.serving.batch == 1
    assert not champion.refresh() and champion.serving.batch > 1
    measured = champion.serving
    assert not champion.refresh() and champion.serving is measured
    versions.promote(tiny_bundle(2.0))
    assert champion.refresh() and champion.serving.batch > 1  # the one before answered meanwhile


def test_a_version_whose_batches_cannot_be_measured_goes_on_one_by_one(monkeypatch: pytest.MonkeyPatch):
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    champion.refresh()
    monkeypatch.setattr(type(champion.serving.session), "run", None)
    assert not champion.refresh() and champion.serving.batch == 1 and champion.problem is None
