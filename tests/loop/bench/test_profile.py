"""A profile changes nothing of what it looks at."""

import hashlib

import pytest

from omloop.core import OmloopError, Project
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import ModelComparison, train_only
from omloop.package import EXPORTERS

pytest.importorskip("pyinstrument")
from omloop.loop.bench.profile import profile_predict, profile_train


def digest(student: Project, compared: ModelComparison) -> tuple[str, object]:
    """The exported graph of the model asked for, and all scores."""
    fitted = compared.models[-1].fitted
    assert fitted is not None
    kind = fitted.inputs or student.inputs
    graph = EXPORTERS.load(fitted.family)(fitted, kind, student.outputs, kind.edges())
    return hashlib.sha256(graph).hexdigest(), [model.scores for model in compared.models]


@pytest.mark.parametrize(
    ("words", "operators"),
    [(["model=boosting"], False), pytest.param(["model=mlp", "model.epochs=6"], True, marks=pytest.mark.slow)],
)
def test_the_same_seed_gives_the_same_model_with_and_without(
    student: Project, workspace: Workspace, words: list[str], operators: bool
) -> None:
    if operators:
        pytest.importorskip("torch")
    config = configure(student, ["data.rows=400", *words])
    plain = train_only(Plan(student, student.inputs, config, workspace))
    compared, profile = profile_train(Plan(student, student.inputs, config, workspace))
    assert digest(student, compared) == digest(student, plain)
    assert f"train: {compared.models[-1].name}" in profile.stages
    assert bool(profile.operators) is operators
    assert ("loading data" in profile.loading) is operators
    assert operators or "pyinstrument alone" in profile.operators_of


def test_a_prediction_is_told_by_what_was_done_and_leaves_no_trace(turned: Workspace, student: Project) -> None:
    profile = profile_predict(student.name, turned, rows=3, seconds=0.2)
    assert list(profile.stages) == ["reading rows", "making feeds", "running the graph", "phrasing answers"]
    assert profile.operators
    log = turned.predictions(student.name)
    assert log.count() == 0
    log.close()


def test_without_a_champion_there_is_nothing_to_look_at(workspace: Workspace) -> None:
    with pytest.raises(OmloopError, match="no champion yet. Make one with: omloop turn tiny"):
        profile_predict("tiny", workspace)
