import json
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.bundle import CARD, Session
from omloop.core import ConfigError, DataError, ExportError, Project
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.turn.markdown import turn_markdown
from omloop.loop.turn.turn import turn
from omloop.loop.version.rescore import judge_version

SMALL = ["data.rows=600", "model=linear"]


def test_the_first_turn_beats_the_baseline_and_is_champion(student: Project, workspace: Workspace) -> None:
    turned = turn(Plan.of(student, SMALL, workspace))
    assert turned.promoted and turned.before is None
    assert workspace.registry(student.name).champion() == turned.version
    assert sum(turned.rows) == 600


def test_an_equal_candidate_is_not_promoted(student: Project, turned: Workspace) -> None:
    before = turned.registry(student.name).champion()
    again = turn(Plan.of(student, SMALL, turned))
    assert again.decision.verdict == "not enough evidence"
    assert turned.registry(student.name).champion() == before == again.champion


def test_the_history_tells_how_often_a_test_part_was_used(student: Project, turned: Workspace) -> None:
    """A version that is judged again makes no new use, and gets the same answer."""
    registry = turned.registry(student.name)
    worse = turn(Plan.of(student, ["data.rows=600", "model=mean"], turned))
    equal = turn(Plan.of(student, [*SMALL, "model.alpha=1.001"], turned))
    again = judge_version(student, [], turned, version=equal.version, gate=True)
    assert worse.decision.evidence["use"] == 1 and equal.decision.evidence["use"] == 2
    assert "use 2 of these rows" in registry.history()[-1].reason
    assert again.decision == equal.decision


def test_a_worse_candidate_is_not_promoted(student: Project, turned: Workspace) -> None:
    worse = turn(Plan.of(student, ["data.rows=600", "model=mean"], turned))
    assert worse.decision.verdict == "worse"
    assert not worse.promoted
    page = turn_markdown(worse)
    assert page.startswith("### student_performance: worse")
    assert f"| this turn, {worse.version} | champion {worse.before} |" in page and "| **mean** |" in page
    assert f"The champion stays: {worse.before}." in page


def test_the_same_seed_gives_the_same_numbers(student: Project, workspace: Workspace) -> None:
    one, same = (turn(Plan.of(student, SMALL, workspace)) for _ in range(2))
    assert one.report.metrics == same.report.metrics
    assert one.models[1].scores == same.models[1].scores


def test_the_same_turn_again_gives_the_same_version_and_no_event(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    before = registry.history()
    again = turn(Plan.of(student, SMALL, turned))
    assert again.version == registry.champion() and again.promoted
    assert "made again" in again.decision.reason
    assert registry.history() == before
    other = turn(Plan.of(student, [*SMALL, "seed=3"], turned))
    assert other.version != again.version


def test_a_person_can_be_asked(student: Project, workspace: Workspace) -> None:
    turned = turn(Plan.of(student, [*SMALL, "promote=ask"], workspace))
    assert turned.decision.promote and not turned.promoted
    assert f"omloop promote {student.name} {turned.version}" in turned.notes[0]
    assert workspace.registry(student.name).champion() is None


def test_a_projects_caution_is_in_the_version_and_on_its_card(student: Project, workspace: Workspace) -> None:
    made = turn(Plan.of(replace(student, caution="Not for grades."), SMALL, workspace))
    bundle = workspace.registry(student.name).load(made.version)
    assert bundle.manifest.caution == "Not for grades."
    assert b"> **Caution**: Not for grades." in bundle.files[CARD]


def test_the_bundle_holds_all_that_is_needed_to_make_it_again(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    bundle = registry.load(registry.champion() or "")
    lineage = bundle.manifest.lineage
    assert lineage.model == "linear" and lineage.seed == 42 and lineage.data_rows == 600
    assert len(lineage.data_fingerprint) == 64
    assert lineage.packages["scikit-learn"]
    assert "overrides:\n- data.rows=600" in bundle.files["config.yaml"].decode()
    assert bundle.manifest.variants["model.onnx"].parity.verified
    Session.of(bundle).self_test(bundle)


def test_a_run_keeps_configuration_numbers_plots_and_card(student: Project, turned: Workspace) -> None:
    (folder,) = (turned.root / "runs" / student.name).iterdir()
    plots = {path.name for path in (folder / "plots").iterdir()}
    plots.discard("system.png")  # the machine's curves come with runs of some seconds, as this is on a busy machine
    assert plots == {"importance.png", "predicted_against_true.png", "residuals.png"}
    assert json.loads((folder / "run.json").read_text())["status"] == "finished"
    assert "linear/validation_rmse" in (folder / "metrics.jsonl").read_text()


def test_a_model_that_fails_closes_the_run_as_failed_and_registers_nothing(
    student: Project, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure(student, SMALL)
    monkeypatch.setattr("omloop.loop.turn.packaging.require_verified", _refuse)
    with pytest.raises(ExportError):
        turn(Plan(student, student.inputs, config, workspace))
    (run,) = workspace.tracker().list(student.name)
    assert run["status"] == "failed" and "differs" in run["reason"]
    assert workspace.registry(student.name).versions() == ()
    assert not list(workspace.root.glob("scratch/*"))


def _refuse(parity: object, blamed: str) -> None:
    raise ExportError("the packaged model differs")


def test_a_bundle_says_how_its_graph_was_made(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    report = json.loads(registry.load(registry.champion() or "").files["export.json"])
    assert report["opset"]["ai.onnx"] == 18
    assert report["parity"]["relative"] <= report["parity"]["tolerance"]


def test_models_are_judged_on_their_own_features(student: Project, turned: Workspace) -> None:
    """A challenger that sees fewer columns is compared with the champion on the same records."""
    few = "data.features=[last_exam_score,assignment_scores_avg,concept_understanding_score]"
    challenger = turn(Plan.of(student, [*SMALL, few], turned))
    assert challenger.before is not None and challenger.opponent is not None
    assert abs(challenger.report.metrics["r2"].value - challenger.opponent.metrics["r2"].value) < 0.1


@pytest.mark.parametrize("feature", ["passed", "performance_category", "student_id", "final_score"])
def test_a_column_that_leaks_is_refused_as_a_feature(student: Project, workspace: Workspace, feature: str) -> None:
    with pytest.raises(ConfigError, match=f"'{feature}' cannot be a feature: "):
        turn(Plan.of(student, [*SMALL, f"data.features=[{feature}]"], workspace))


def test_real_records_reach_the_published_quality(student: Project, workspace: Workspace, real_students: Path) -> None:
    turned = turn(Plan.of(student, ["model=linear", "data=file", f"data.path={real_students}"], workspace))
    assert turned.report.metrics["r2"].value >= 0.86
    assert turned.parity.relative <= 1e-5


def test_too_few_records_are_a_clear_error(student: Project, workspace: Workspace) -> None:
    with pytest.raises(DataError, match="too few"):
        turn(Plan.of(student, ["data.rows=5", "model=linear"], workspace))


def test_a_quick_turn_goes_round_and_leaves_the_promotion_to_a_person(student: Project, workspace: Workspace) -> None:
    turned = turn(Plan.of(student, ["experiment=quick", "model=linear", "data.rows=1200"], workspace))
    assert sum(turned.rows) == 300
    assert turned.decision.promote and turned.champion is None
    assert "only 300 of 1200 records were taken: data.fraction=0.25" in turned.notes
