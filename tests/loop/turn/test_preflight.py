"""Cheap mistakes are found before dear training."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import Birch
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from omloop.core import BundleError, ConfigError, ExportError, Fitted, Job, Project, TrainError
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.turn.preflight import require_packageable, some_of_each
from omloop.loop.turn.turn import turn
from omloop.testing.jobs import number_job
from omloop.train import fit_estimator


def with_model(student: Project, fit: Any, extra: str = "train") -> Project:
    return replace(
        student, models={**student.models, "linear": replace(student.models["linear"], fit=fit, extra=extra)}
    )


def test_what_cannot_be_packaged_is_found_before_it_is_trained(student: Project, workspace: Workspace) -> None:
    rows = []

    def fit(job: Job) -> Fitted:
        rows.append(len(job.train))
        return fit_estimator(make_pipeline(Birch(n_clusters=None, threshold=3), Ridge()), job)

    project = with_model(student, fit)
    with pytest.raises(ExportError, match="'birch'.*found on 50 rows, before the model 'linear' was trained"):
        turn(Plan.of(project, ["data.rows=3000", "model=linear"], workspace))
    assert rows == [50]


@pytest.mark.parametrize(("rows", "extra"), [(300, "train"), (3000, "torch")])
def test_what_is_soon_trained_or_a_network_is_not_rehearsed(
    student: Project, tmp_path: Path, rows: int, extra: str
) -> None:
    job = number_job(tmp_path)
    part = job.train
    places = np.resize(np.arange(len(part)), rows)
    job = replace(job, train=replace(part, examples=part.examples[places], targets=part.targets[places]))

    def fit(job: Job) -> Fitted:
        raise AssertionError("it was trained")

    require_packageable(with_model(student, fit, extra), "linear", job)


def test_a_model_whose_library_no_extra_brings_sends_nobody_to_one(student: Project, workspace: Workspace) -> None:
    def fit(job: Job) -> Fitted:
        raise ModuleNotFoundError(name="prophet")

    with pytest.raises(TrainError, match="The model 'linear' needs 'prophet'.* no extra of omloop brings it"):
        turn(Plan.of(with_model(student, fit), ["data.rows=300", "model=linear"], workspace))


def test_a_model_that_fifty_rows_are_too_few_for_is_trained(student: Project, workspace: Workspace) -> None:
    def fit(job: Job) -> Fitted:
        if len(job.train) < 100:
            raise ValueError("too few")
        return fit_estimator(DummyRegressor(), job)

    project = with_model(student, fit)
    assert turn(Plan.of(project, ["data.rows=3000", "model=linear"], workspace)).chosen == "linear"


def test_rare_classes_are_in_the_rehearsal() -> None:
    targets = np.repeat([0, 1, 2], [5000, 40, 2])
    assert np.bincount(targets[some_of_each(targets, whole=False)]).tolist() == [16, 16, 2]


def test_a_metric_that_the_answer_does_not_have_is_told_at_once(student: Project) -> None:
    with pytest.raises(ConfigError, match="gate.metric=accuracy.*There are: .*rmse"):
        configure(student, ["gate.metric=accuracy"])


def test_a_compat_file_that_cannot_be_filled_ends_the_turn_before_the_models(
    student: Project, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "compat.json").write_text('{"routes": [{"path": "/", "answer": "$nothing"}]}')

    def fit(job: Job) -> Fitted:
        raise AssertionError("it was trained")

    project = with_model(student, fit)
    config = configure(project, ["data.rows=400", "model=linear"])
    with pytest.raises(BundleError, match="nothing"):
        turn(Plan(replace(project, folder=tmp_path), project.inputs, config, workspace))
