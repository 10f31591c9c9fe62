"""With few records a turn chooses by cross-validation, and its model learns from all but the test part."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from omloop.bundle import CARD
from omloop.core import ConfigError, Fitted, Job, Model, Project, TrainError
from omloop.kinds import Number
from omloop.loop import Workspace
from omloop.loop.project.configure import decided_in
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split
from omloop.loop.turn import choosing, trained_variants
from omloop.loop.turn.turn import train_only, turn

SMALL = ["data.rows=300", "model=linear"]


@dataclass
class Watched:
    """A linear model that notes what it is asked to learn from."""

    name: str = "watched"


Jobs = list[Job]


@pytest.fixture
def jobs() -> Jobs:
    return []


@pytest.fixture
def watched_project(student: Project, jobs: Jobs) -> Callable[[bool], Project]:
    """The reference project with such a model, which may need a validation part."""

    def project(needs_validation: bool) -> Project:
        def fit(job: Job) -> Fitted:
            jobs.append(job)
            linear = student.models["linear"]
            return linear.fit(replace(job, config=linear.config()))

        own = Model(Watched, fit, needs_validation=needs_validation)
        return replace(student, models={**student.models, "watched": own})

    return project


def rows_of(job: Job) -> tuple[set[int], set[int]]:
    return set(job.train.rows), set(job.validation.rows)


def test_each_row_is_answered_by_a_model_that_did_not_learn_from_it(
    watched_project: Callable[[bool], Project], jobs: Jobs, workspace: Workspace
) -> None:
    plan = Plan.of(watched_project(False), ["data.rows=300", "model=watched"], workspace)
    turned = turn(plan)
    first, *folds, last = map(rows_of, jobs)
    every = first[0] | first[1]
    assert len(folds) == 5 and all(not validation for _, validation in folds)
    assert sorted(row for train, _ in folds for row in every - train) == sorted(every)
    assert last == (every, set()) and len(every) == turned.rows[0] + turned.rows[1]
    assert turned.chosen_by == f"5-fold cross-validation over {len(every)} rows"
    assert turned.learned_from == f"all {len(every)} rows but the test part"


def test_what_needs_a_validation_part_gets_one_without_the_fold_and_does_not_learn_again(
    watched_project: Callable[[bool], Project], jobs: Jobs, workspace: Workspace
) -> None:
    turned = turn(Plan.of(watched_project(True), ["data.rows=300", "model=watched", "refit=true"], workspace))
    (train, validation), *folds = map(rows_of, jobs)
    assert len(folds) == 5
    left_out = [(train | validation) - fold[0] - fold[1] for fold in folds]
    assert all(fold[1] and not fold[0] & fold[1] for fold in folds)
    assert sorted(row for rows in left_out for row in rows) == sorted(train | validation)
    assert turned.learned_from == "the training part"
    assert any("watched needs a validation part" in note for note in turned.notes)


@pytest.mark.parametrize(("refit", "place"), [("true", 0), ("false", -1)])
def test_variants_are_trained_from_the_model_that_does_not_know_the_validation_part(
    student: Project, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, refit: str, place: int
) -> None:
    fitted, pruned, linear = [], [], student.models["linear"]

    def fit(job: Job) -> Fitted:
        fitted.append(linear.fit(job))
        return fitted[-1]

    def prune(given: Fitted, job: Job, share: float) -> Fitted:
        pruned.append((given.model, len(job.validation) > 0))
        raise TrainError("it is no network")

    monkeypatch.setattr(trained_variants, "_pruned", prune)
    project = replace(student, models={**student.models, "linear": replace(linear, fit=fit)})
    words = [*SMALL, "choose=validation", "optimise.prune=0.5", f"refit={refit}"]
    turned = turn(Plan.of(project, words, workspace))
    assert pruned == [(fitted[place].model, True)]
    assert len(fitted) == (2 if refit == "true" else 1)
    assert turned.menu is not None and turned.menu.refused == {"pruned": "it is no network"}


def test_a_group_stays_in_one_fold(student: Project, workspace: Workspace) -> None:
    def simulate(rows: int, seed: int, drift: float) -> dict[str, object]:
        return {**student.simulate(rows, seed, drift), "school": [f"s{row % 60}" for row in range(rows)]}

    project = replace(
        student, simulate=simulate, group="school", id=None, ignored={**student.ignored, "school": "where"}
    )
    plan = Plan.of(project, ["data.rows=300", "model=linear"], workspace)
    records = gather(plan)
    folds = choosing.Folds.of(plan, split(plan, records), records)
    schools = np.asarray(folds.part.rows) % 60
    assert len({*zip(schools.tolist(), folds.fold.tolist(), strict=True)}) == len({*schools.tolist()})


def test_the_run_the_card_and_the_version_say_how_it_was_chosen(student: Project, workspace: Workspace) -> None:
    turned = turn(Plan.of(student, SMALL, workspace))
    (run,) = workspace.tracker().list(student.name)
    bundle = workspace.registry(student.name).load(turned.version)
    assert run["chosen_by"] == turned.chosen_by and run["learned_from"] == turned.learned_from
    card = bundle.files[CARD].decode()
    assert f"**Chosen by**: {turned.chosen_by}" in card and f"By {turned.chosen_by}, before packaging" in card
    assert decided_in(bundle.files["config.yaml"].decode()) == {"choose": "cross-validation", "refit": True}
    keys = bundle.training_keys
    assert keys is not None and len(keys.numbers) == turned.rows[0] + turned.rows[1]


@pytest.mark.parametrize(
    ("words", "by", "learned", "decided"),
    [
        (["choose=validation"], "validation rows", "the training part", {"choose": "validation", "refit": False}),
        (["choose=validation", "refit=true"], "validation rows", "but the test part", {"refit": True}),
        (["refit=false", "folds=3"], "3-fold cross-validation", "the training part", {"refit": False}),
        (["data.rows=2500"], "validation rows", "the training part", {}),
    ],
)
def test_the_configuration_says_by_what_and_from_what(
    student: Project, workspace: Workspace, words: list[str], by: str, learned: str, decided: dict[str, object]
) -> None:
    turned = turn(Plan.of(student, [*SMALL, *words], workspace))
    assert by in turned.chosen_by and learned in turned.learned_from
    bundle = workspace.registry(student.name).load(turned.version)
    found = decided_in(bundle.files["config.yaml"].decode())
    assert bool(found) == bool(decided) and decided.items() <= found.items()


def test_where_training_is_slow_the_validation_part_chooses_and_a_note_says_so(
    student: Project, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MOST_S", 0.0)
    turned = turn(Plan.of(student, SMALL, workspace))
    assert turned.chosen_by.endswith("validation rows")
    assert any("chosen on" in note and "choose=cross-validation" in note for note in turned.notes)


def test_folds_that_cannot_be_learned_are_told_or_end_the_turn_that_asked_for_them(
    student: Project, workspace: Workspace, jobs: Jobs
) -> None:
    def fit(job: Job) -> Fitted:
        jobs.append(job)
        if len(jobs) > 1:
            raise TrainError("too little")
        return student.models["linear"].fit(replace(job, config=student.models["linear"].config()))

    project = replace(student, models={**student.models, "watched": Model(Watched, fit)})
    words = ["data.rows=300", "model=watched"]
    found = train_only(Plan.of(project, words, workspace))
    assert found.compared_by.endswith("validation rows")
    jobs.clear()
    with pytest.raises(TrainError, match="too little"):
        train_only(Plan.of(project, [*words, "choose=cross-validation"], workspace))


def test_no_folds_are_dealt_where_time_splits(student: Project, workspace: Workspace) -> None:
    dated = replace(
        student,
        simulate=lambda rows, seed, drift: {**student.simulate(rows, seed, drift), "day": [*map(float, range(rows))]},
        ignored={**student.ignored, "day": "when it came"},
        time="day",
    )
    with pytest.raises(ConfigError, match="time splits"):
        turn(Plan.of(dated, [*SMALL, "choose=cross-validation"], workspace))
    turned = turn(Plan.of(dated, SMALL, workspace))
    assert "up to the test part" in turned.learned_from and turned.chosen_by.endswith("validation rows")


@pytest.mark.parametrize("word", ["choose=best", "refit=maybe", "folds=1"])
def test_words_that_are_not_known_are_refused(student: Project, workspace: Workspace, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        Plan.of(student, [word], workspace)


def test_what_has_learned_all_rows_by_heart_is_no_surer_for_it(student: Project, workspace: Workspace) -> None:
    """Its interval, its errors and its leanings are told by models that did not know the rows."""

    def fit(job: Job) -> Fitted:
        from sklearn.neighbors import KNeighborsRegressor

        from omloop.train import fit_estimator

        return fit_estimator(KNeighborsRegressor(1), job)

    own = Model(Watched, fit, needs_validation=False)
    project = replace(student, models={**student.models, "watched": own})
    turned = turn(Plan.of(project, ["data.rows=300", "model=watched"], workspace))
    bundle = workspace.registry(student.name).load(turned.version)
    assert isinstance(bundle.output, Number) and bundle.output.interval is not None
    typical = turned.report.metrics["mae"].value
    assert bundle.output.interval.half > typical
    # Errors of rows that were learned from are 0, and would be nine of ten here.
    assert bundle.baseline is not None and min(stratum.tested for stratum in bundle.baseline.strata) > 0.1
