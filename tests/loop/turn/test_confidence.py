"""A turn's version says how sure it is, and whether that held on the test part."""

from dataclasses import replace

import numpy as np
import pytest

from omloop.bundle import CARD, MODEL, Bundle, Session
from omloop.bundle.confidence import Confidence, confidence_in
from omloop.core import ConfigError, Dataset, ExportError, Fitted, Job, Project, Settings
from omloop.kinds import Classes, Number
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.discover import find_project
from omloop.loop.project.plan import Plan
from omloop.loop.records.live_records import some_of
from omloop.loop.records.records import gather, split
from omloop.loop.turn.confidence import HeldOutAnswers, checked, held_out_answers, with_confidence, with_interval
from omloop.loop.turn.held_out import HeldOut
from omloop.loop.turn.packaged import Packaged
from omloop.loop.turn.packaging import package
from omloop.loop.turn.turn import turn
from omloop.loop.version.rescore import remade

Faces = tuple[Plan, Dataset, Packaged, Fitted]
FACES = ["model=pca_linear", "data.rows=400"]


def champion(workspace: Workspace, name: str) -> Bundle:
    registry = workspace.registry(name)
    return registry.load(registry.require_champion())


def told(bundle: Bundle) -> Confidence:
    found = confidence_in(bundle.files)
    assert found is not None
    return found


def test_a_number_carries_an_interval_that_was_checked_on_rows_that_were_not_used_for_it(
    student: Project, workspace: Workspace
) -> None:
    turn(Plan.of(student, ["data.rows=600", "model=linear", "choose=validation"], workspace))
    bundle = champion(workspace, student.name)
    found, output = told(bundle), bundle.output
    assert isinstance(output, Number) and output.interval is not None
    assert (output.interval.level, output.interval.half) == (0.9, found.half)
    again = remade(student, [], workspace, None)
    session = Session.of(bundle)
    errors = np.abs(session.predict(again.dataset.validation.examples) - again.dataset.validation.targets)
    assert np.sum(errors <= output.interval.half) == int(np.ceil(0.9 * (len(errors) + 1)))
    test = again.dataset.test
    ends = np.array([answer["interval"] for answer in output.answer(session.predict(test.examples))])
    held = (ends[:, 0] <= test.targets) & (test.targets <= ends[:, 1])
    assert found.coverage is not None and found.coverage.value == held.mean() and found.rows == len(test)
    assert found.width == pytest.approx(np.diff(ends, axis=1).mean())
    assert f"| within the interval | {found.coverage} of {len(test)} rows |" in bundle.files[CARD].decode()


def test_without_an_interval_a_version_answers_the_number_alone(student: Project, workspace: Workspace) -> None:
    none = turn(Plan.of(student, ["data.rows=600", "model=linear", "interval=0"], workspace))
    bundle = workspace.registry(student.name).load(none.version)
    assert bundle.output.answer(np.array([50.0])) == [{"value": 50.0}]
    assert "carry no interval" in bundle.files[CARD].decode()


@pytest.mark.parametrize("words", ["interval=1", "interval=-0.1", "calibration=platt", "calibration=isotonic"])
def test_what_makes_no_sense_is_refused(student: Project, words: str) -> None:
    with pytest.raises(ConfigError, match=words.partition("=")[0]):
        configure(student, [words])


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Faces:
    """Portraits of forty people, and a model of them that was packaged and not calibrated."""
    folder = tmp_path_factory.mktemp("faces")
    plan = Plan.of(find_project("faces", Settings()), FACES, Workspace.of(workspace=str(folder)))
    dataset = split(plan, gather(plan))
    parts = (dataset.train, dataset.validation, 42, lambda step, metrics: None, folder)
    fitted = plan.project.models["pca_linear"].fit(
        Job(plan.config.models["pca_linear"], plan.kind, plan.project.outputs, *parts)
    )
    return plan, dataset, package(plan.project, plan.kind, dataset, fitted), fitted


def asked(plan: Plan, way: str) -> Plan:
    return replace(plan, config=replace(plan.config, calibration=way))


def test_calibrated_probabilities_come_out_of_the_graph(faces: Faces) -> None:
    plan, dataset, packaged, fitted = faces
    found = checked(with_confidence(asked(plan, "temperature"), dataset, packaged, fitted), dataset.test, seed=0)
    assert found.calibrator is not None and found.graph != packaged.graph and found.parity.verified
    np.testing.assert_allclose(found.outputs, found.calibrator.apply(packaged.outputs), atol=1e-5)
    np.testing.assert_array_equal(found.outputs.argmax(axis=1), packaged.outputs.argmax(axis=1))
    output = found.session.outputs
    assert isinstance(output, Classes) and output.calibration == "temperature"
    assert found.confidence is not None and found.confidence.after is not None and found.confidence.before is not None
    assert found.confidence.before.right == found.confidence.after.right
    assert output.answer(found.outputs[:1])[0]["confidence"] == found.outputs[0].max()


def test_probabilities_that_stay_are_checked_too(faces: Faces) -> None:
    plan, dataset, packaged, fitted = faces
    found = checked(with_confidence(asked(plan, "none"), dataset, packaged, fitted), dataset.test, seed=0)
    assert found.graph == packaged.graph and found.confidence is not None
    assert found.confidence.method == "none" and found.confidence.before == found.confidence.after
    assert found.confidence.bins and found.session.outputs.describe()["calibration"] == "none"


def test_answers_that_were_held_out_are_what_is_calibrated_on(faces: Faces) -> None:
    """Those of other folds' models, say; drift is told by them too, calibrated as the graph is."""
    plan, dataset, packaged, fitted = faces
    outputs = np.random.default_rng(0).dirichlet(np.full(40, 0.05), len(dataset.train))
    held = HeldOut(dataset.train, outputs)
    found = with_confidence(asked(plan, "temperature"), dataset, packaged, fitted, held)
    assert found.calibrator is not None and found.confidence is not None
    assert found.confidence.held_out == len(held) == len(dataset.train) and found.confidence.of_others
    part, answers = held_out_answers(found, dataset)
    assert part is dataset.train
    np.testing.assert_allclose(answers.outputs, found.calibrator.apply(outputs))
    ordinary = held_out_answers(packaged, dataset)
    assert isinstance(ordinary, HeldOutAnswers) and ordinary.part is dataset.validation


def test_a_calibration_that_cannot_be_proven_is_left_out_unless_it_is_asked_for(
    faces: Faces, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, dataset, packaged, fitted = faces
    unsure = np.full((len(dataset.train), 40), 0.5 / 39)
    unsure[np.arange(len(unsure)), dataset.train.targets] = 0.5
    held = HeldOut(dataset.train, unsure)
    monkeypatch.setattr("omloop.package.calibrate.calibrated_graph", lambda graph, *_: graph)
    found = with_confidence(asked(plan, "auto"), dataset, packaged, fitted, held)
    assert found.calibrator is None and found.graph == packaged.graph
    assert found.confidence is not None and "It could not be packaged" in found.confidence.why
    with pytest.raises(ExportError, match="Set calibration=none"):
        with_confidence(asked(plan, "temperature"), dataset, packaged, fitted, held)


def test_the_level_says_how_many_rows_it_takes(student: Project, turned: Workspace) -> None:
    again = remade(student, [], turned, None)
    part = some_of(again.dataset.validation, np.arange(9))
    packaged = Packaged(
        b"", again.session, again.bundle.manifest.variants[MODEL].parity, again.session.run(part.examples)
    )
    packaged = replace(packaged, session=again.session.phrased(Number("final_score")))
    held = HeldOut(part, packaged.outputs)
    widest = np.abs(packaged.outputs - part.targets).max()
    just, few = with_interval(packaged, held, 0.9), with_interval(packaged, held, 0.95)
    assert just.session.outputs.describe()["interval"] == {"level": 0.9, "half": widest}
    assert few.confidence is not None
    assert few.confidence.why == "9 held-out examples are too few for an interval at 0.95; it takes 19."
    assert few.session.outputs.answer(np.array([50.0])) == [{"value": 50.0}]
