"""Which inputs matter to a version: by its loss where the data is at hand, and by its answers."""

import pytest

from omloop.core import OmloopError, Project
from omloop.loop import Workspace
from omloop.loop.version import explain
from omloop.loop.version.explain import explain_version
from omloop.testing.bundles import tiny_bundle, tiny_text_bundle

TELLING = {"last_exam_score", "assignment_scores_avg", "concept_understanding_score"}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "MOST_EXPLAINED", 8)
    monkeypatch.setattr(explain, "ROWS_EACH", 3000)


def champion(workspace: Workspace, bundle: object) -> Workspace:
    registry = workspace.registry("tiny")
    registry.promote(registry.add(bundle, by="test"), expected=None, by="test", reason="a test")  # type: ignore[arg-type]
    return workspace


def test_a_version_leans_on_the_same_columns_by_its_loss_and_by_its_answers(
    student: Project, turned: Workspace
) -> None:
    found = explain_version(student.name, turned)
    assert found.version == turned.registry(student.name).champion() and found.metric == "r2" and not found.notes
    assert set([*found.importance][:3]) == set([*found.contributions][:3]) == TELLING
    assert found.explained == 8 and found.unit == "points" and found.rows > 8
    assert list(found.importance) != [] and set(found.importance) == set(student.inputs.fields)
    assert found.contributions == explain_version(student.name, turned).contributions


def test_where_only_versions_are_at_hand_their_own_sample_is_explained(workspace: Workspace) -> None:
    found = explain_version("tiny", champion(workspace, tiny_bundle()))
    assert not found.importance and set(found.contributions) == {"hours", "age", "sex"}
    assert found.notes == ("importance needs the project's data, and only its versions are here",)


def test_without_the_extra_importance_is_told_alone(
    student: Project, turned: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "is_installed", lambda extra: False)
    found = explain_version(student.name, turned)
    assert set([*found.importance][:3]) == TELLING and not found.contributions
    assert "[explain]" in found.notes[0]


def test_what_has_no_columns_is_told_how_one_answer_is_explained(workspace: Workspace) -> None:
    with pytest.raises(OmloopError, match=r"no columns.*omloop explain tiny --file FILE"):
        explain_version("tiny", champion(workspace, tiny_text_bundle()))
