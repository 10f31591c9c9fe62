"""From a champion to a version with a menu, over real graphs; only the clock is told what to say."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omloop.bundle import MODEL, Bundle, Session
from omloop.bundle.confidence import CONFIDENCE, confidence_in, encode_confidence
from omloop.core import ConfigError, ExportError, Project, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.project.configure import configure, overrides_in
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn
from omloop.loop.version.optimise import LEARNED, optimise_version
from omloop.optimise import VARIANTS, Timing, VariantSpec

SMALL = ["data.rows=600", "model=linear"]
FUSED = "optimise.variants=[fused]"


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every form is twice as fast as the model: the truth of a busy machine would decide nothing."""

    def timed(sessions: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Timing]:
        return {name: Timing(2.0, 3.0, 1.0 if name == MODEL else 2.0, 500.0) for name in sessions}

    monkeypatch.setattr("omloop.loop.turn.variants.time_sessions", timed)


@pytest.mark.usefixtures("twice")
def test_the_best_form_of_the_champion_becomes_a_version_that_serves_it(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    before = registry.champion()
    made = optimise_version(student, [FUSED], turned)
    bundle = registry.load(made.version)
    assert (made.parent, bundle.manifest.lineage.parent, made.menu.served) == (before, before, "fused")
    assert (bundle.manifest.served, bundle.variant(), bundle.variants) == ("fused", "fused", (MODEL, "fused"))
    assert bundle.manifest.variants["fused"].file == "variants/fused.onnx" in bundle.files
    assert (made.decision.verdict, registry.champion()) == ("better", made.version)
    assert "may lose 0.0050 for costing less" in made.decision.reason
    sure, old = confidence_in(bundle.files), confidence_in(registry.load(before or "").files)
    assert (
        sure is not None and old is not None and sure.coverage == old.coverage and bundle.output.describe()["interval"]
    )
    run = turned.root / "runs" / student.name / made.run
    assert (run / "plots" / "menu.png").read_bytes().startswith(b"\x89PNG")
    assert "fused is served" in (run / "menu.html").read_text()


@pytest.mark.usefixtures("twice")
def test_a_version_that_learned_from_what_told_its_confidence_hands_that_on(
    student: Project, turned: Workspace
) -> None:
    """No variant can say how it answers new examples by examples that it learned from."""
    registry = turned.registry(student.name)
    old = registry.load(before := registry.require_champion())
    sure = confidence_in(old.files)
    assert sure is not None and not sure.of_others
    told = {
        CONFIDENCE: encode_confidence(replace(sure, of_others=True)),
        **{name: old.files[name] + b"\n" for name in LEARNED},
    }
    version = registry.add(Bundle.seal(old.manifest, {**old.files, **told}), by="test")
    registry.promote(version, expected=before, by="test", reason="a test", insist=True)
    made = registry.load(optimise_version(student, [FUSED], turned).version)
    assert {name: made.files[name] for name in LEARNED} == {name: told[name] for name in LEARNED}


@pytest.mark.usefixtures("twice")
def test_what_was_measured_of_each_form_is_in_the_manifest(student: Project, turned: Workspace) -> None:
    made = optimise_version(student, [FUSED, "optimise.batch=4"], turned)
    forms = turned.registry(student.name).manifest(made.version).variants
    model, fused = forms[MODEL].cost, forms["fused"].cost
    assert model and fused and (model.faster, fused.faster, fused.batch) == (1.0, 2.0, 4)
    assert fused.size > 0 and fused.memory >= 0
    assert forms["fused"].parity.agreement == 1.0 and forms["fused"].drop and abs(forms["fused"].drop.value) < 1e-4
    assert forms["fused"].metrics.keys() == forms[MODEL].metrics.keys()


@pytest.mark.usefixtures("twice")
def test_the_served_form_and_the_model_both_pass_the_test_that_servers_run(student: Project, turned: Workspace) -> None:
    made = optimise_version(student, [FUSED], turned)
    bundle = turned.registry(student.name).load(made.version)
    for name in bundle.variants:
        Session.of(bundle, variant=name).self_test(bundle)


def test_a_retraining_of_the_version_makes_the_same_forms(student: Project, turned: Workspace) -> None:
    made = optimise_version(student, [], turned)
    kept = turned.registry(student.name).load(made.version).files["config.yaml"].decode()
    assert configure(student, overrides_in(kept)).optimise.variants == tuple(VARIANTS.names())


@pytest.mark.usefixtures("twice")
def test_forms_of_one_graph_share_one_file(
    student: Project, turned: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = {name: VariantSpec(lambda graph, _: graph + b"") for name in ("one", "two")}
    again = {name: VariantSpec(VARIANTS.load("fused").make) for name in ("three", "four")}
    monkeypatch.setattr("omloop.loop.turn.variants.VARIANTS", SimpleNamespace(load=(same | again).__getitem__))
    wanted = replace(configure(student, []).optimise, variants=("one", "two", "three", "four"))
    monkeypatch.setattr("omloop.loop.project.configure._wanted", lambda *_: wanted)
    made = optimise_version(student, [], turned)
    bundle = turned.registry(student.name).load(made.version)
    assert {name: form.file for name, form in bundle.manifest.variants.items()} == {
        MODEL: "",
        "one": MODEL,
        "two": MODEL,
        "three": "variants/three.onnx",
        "four": "variants/three.onnx",
    }
    assert [name for name in bundle.files if name.startswith("variants/")] == ["variants/three.onnx"]


def test_whatever_cannot_be_made_is_told_and_the_model_is_served(student: Project, turned: Workspace) -> None:
    """A linear model over columns has nothing that int8 would make smaller."""
    made = optimise_version(student, ["optimise.variants=[int8,int8-dynamic]"], turned)
    assert made.menu.served == MODEL and made.menu.refused.keys() == {"int8", "int8-dynamic"}
    bundle = turned.registry(student.name).load(made.version)
    assert bundle.manifest.served == MODEL and not [name for name in bundle.files if name.startswith("variants/")]
    assert made.decision.verdict == "not enough evidence" and made.champion == made.parent


@pytest.mark.usefixtures("twice")
def test_a_budget_that_nothing_meets_leaves_the_model_or_ends_it(student: Project, turned: Workspace) -> None:
    impossible = [FUSED, "optimise.budget.p99_ms=0.5"]
    made = optimise_version(student, impossible, turned)
    assert made.menu.served == MODEL and "No variant of the model keeps within the budget" in made.menu.note
    count = len(turned.registry(student.name).versions())
    with pytest.raises(ExportError, match=r"'fused', does not: 3 ms at p99, not 0.5|'model.onnx', does not"):
        optimise_version(student, [*impossible, "optimise.unmet=refuse"], turned)
    assert len(turned.registry(student.name).versions()) == count
    newest = next(iter(turned.tracker().list(student.name)))
    assert newest["status"] == "failed"


@pytest.mark.usefixtures("twice")
def test_a_turn_makes_the_menu_when_it_is_configured_and_judges_what_is_served(
    student: Project, workspace: Workspace
) -> None:
    found = turn(Plan.of(student, [*SMALL, FUSED], workspace))
    bundle = workspace.registry(student.name).load(found.version)
    assert found.promoted and bundle.manifest.served == "fused"
    assert (workspace.root / "runs" / student.name / found.run / "plots" / "menu.png").is_file()
    scored = bundle.manifest.variants["fused"].metrics
    assert {name: one.value for name, one in scored.items()} == {
        name: one.value for name, one in found.report.metrics.items()
    }


@pytest.mark.slow
def test_a_form_that_needs_openvino_names_its_engine_and_answers_alike(student: Project, workspace: Workspace) -> None:
    """A network over a table, through the command's own way."""
    pytest.importorskip("openvino")
    pytest.importorskip("torch")
    quick = ["data.rows=600", "model=mlp", "most_epochs=1", "promote=ask"]
    version = turn(Plan.of(student, quick, workspace)).version
    made = optimise_version(student, ["optimise.variants=[openvino]"], workspace, version=version)
    form = made.menu.variants["openvino"]
    assert (form.engine, form.precision) == ("openvino", "float32")
    assert form.parity.relative < 1e-4


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["optimise.variants=[int9]"], UnknownNameError, "Did you mean 'int8'"),
        (["optimise.unmet=shrug"], ConfigError, "plain or refuse"),
        (["optimise.budget.max_drop=-1"], ConfigError, "no limit"),
        (["optimise.budget.max_drp=1"], ConfigError, "max_drop"),
        (["optimise.batch=0"], ConfigError, "batch 1"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    student: Project, words: list[str], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        configure(student, words)


def test_without_a_wish_a_turn_makes_no_menu(student: Project) -> None:
    assert configure(student, []).optimise.variants == ()
    assert np.all([name in VARIANTS.names() for name in ("fused", "int8", "int8-dynamic")])


@pytest.mark.slow
@pytest.mark.usefixtures("twice")
def test_a_turn_also_prunes_and_teaches_where_that_is_asked_for(student: Project, workspace: Workspace) -> None:
    """The student is any model of the project."""
    pytest.importorskip("torch_pruning")
    words = ["data.rows=600", "model=mlp", "most_epochs=2", "optimise.prune=0.5", "optimise.student=linear"]
    found = turn(Plan.of(student, [*words, "optimise.budget.max_drop=100"], workspace))
    manifest = workspace.registry(student.name).manifest(found.version)
    assert manifest.variants.keys() == {MODEL, "pruned", "student"}
    assert manifest.served in ("pruned", "student")


def test_what_has_to_be_trained_is_left_to_a_turn(student: Project, turned: Workspace) -> None:
    made = optimise_version(
        student, ["optimise.variants=[fused]", "optimise.student=mlp", "optimise.prune=0.5"], turned
    )
    assert {name: made.menu.refused[name] for name in ("pruned", "student")} == dict.fromkeys(
        ("pruned", "student"), "it has to be trained, so only a turn makes it"
    )
