"""Support vector machines of tables and of pictures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop import models
from omloop.bundle import Session
from omloop.core import Fitted, Job, Part, TrainError
from omloop.kinds import Classes, Image
from omloop.testing.jobs import classes_job, number_job, review_job, rows_of

pytest.importorskip("sklearn")
SIDES = Image(12, 12, 1)


def fit(job: Job, **options: Any) -> Fitted:
    model = models.svm(**options)
    return model.fit(replace(job, config=model.config()))


def verified(fitted: Fitted, job: Job, examples: Any) -> bool:
    from omloop.package import EXPORTERS, check_parity

    graph = EXPORTERS.load("sklearn")(fitted, job.inputs, job.outputs, examples)
    return check_parity(fitted, Session(graph, job.inputs, job.outputs), examples, job.inputs.edges()).verified


def picture_job(folder: Path) -> Job:
    """The half of a picture that is lit."""

    def part(count: int, seed: int) -> Part:
        draw = np.random.default_rng(seed)
        lit = draw.integers(0, 2, count)
        pixels = draw.integers(0, 160, (count, 12, 12, 1))
        pixels[np.arange(12) // 6 == lit[:, None]] += 60
        examples = SIDES.encode({"image": list(pixels.astype(np.uint8))})
        return Part(examples, lit, np.arange(count).astype(str))

    outputs = Classes("half", ("upper", "lower"))
    return Job(None, SIDES, outputs, part(60, 1), part(40, 2), 0, lambda step, metrics: None, folder)


@pytest.mark.parametrize("make", [classes_job, number_job])
def test_a_table_is_learned_and_packaged(make: Any, tmp_path: Path) -> None:
    job = make(tmp_path)
    fitted = fit(job, kernel="linear")
    answers = fitted.predict(job.validation.examples)
    if make is classes_job:
        assert (answers.argmax(axis=1) == job.validation.targets).mean() > 0.9
    else:
        assert np.sqrt(np.square(answers - job.validation.targets).mean()) < 0.3 * job.validation.targets.std()
    assert verified(fitted, job, rows_of(50, 3))


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ["rbf", "poly", "sigmoid"])
def test_every_kernel_is_packaged(kernel: str, tmp_path: Path) -> None:
    for job in (classes_job(tmp_path), number_job(tmp_path)):
        assert verified(fit(job, kernel=kernel), job, rows_of(50, 3))


def test_discriminants_fold_whitening_and_directions_into_one_step() -> None:
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    from omloop.train.catalogue.fisher import discriminants

    draw = np.random.default_rng(0)
    targets = np.arange(90) % 3
    rows = (draw.normal(size=(90, 8)) * [9, 5, 3, 2, 1, 1, 1, 1] + np.eye(3, 8)[targets] * 4).astype(np.float32)
    components = PCA(6, whiten=True, random_state=0)
    folded = discriminants(components, rows, targets)
    steps = LinearDiscriminantAnalysis().fit(components.transform(rows), targets).transform(components.transform(rows))
    np.testing.assert_allclose(folded.transform(rows), steps, atol=1e-4)


def test_kernel_gamma_and_penalty_change_what_is_learned(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    told: list[dict[str, Any]] = [{}, {"gamma": 0.01}, {"c": 0.01}, {"kernel": "poly"}]
    answers = {tuple(fit(job, **one).predict(rows_of(3, 3)).round(6)) for one in told}
    assert len(answers) == len(told)


@pytest.mark.parametrize("fisher", [False, True])
def test_pictures_are_learned_by_their_components_and_packaged(fisher: bool, tmp_path: Path) -> None:
    job = picture_job(tmp_path)
    fitted = fit(job, components=10, enough=0, fisher=fisher)
    assert fitted.model.steps[0][1].n_components_ == (1 if fisher else 10)
    assert (fitted.predict(job.validation.examples).argmax(axis=1) == job.validation.targets).mean() > 0.9
    assert verified(fitted, job, job.validation.examples)


@pytest.mark.slow
def test_a_machine_without_probabilities_of_its_own_is_given_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a later scikit-learn has it."""
    from omloop.train.catalogue import svm

    machine = svm._machine

    def bare(job: Job, targets: Any) -> Any:
        return svm._calibrated(machine(job, targets).set_params(probability=False), targets)

    monkeypatch.setattr(svm, "_machine", bare)
    job = classes_job(tmp_path)
    fitted = fit(job)
    assert (fitted.predict(job.validation.examples).argmax(axis=1) == job.validation.targets).mean() > 0.85
    assert verified(fitted, job, rows_of(50, 3))


def test_texts_and_a_single_class_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="reads tables and pictures, and this project's input is of the kind Text"):
        fit(review_job(tmp_path))
    job = classes_job(tmp_path)
    one = replace(job.train, targets=np.zeros_like(job.train.targets))
    with pytest.raises(TrainError, match="'svm' cannot be learned"):
        fit(replace(job, train=one))
