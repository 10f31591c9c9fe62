"""Every model of tables learns an awkward table, is packaged, and answers alike."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop import models
from omloop.bundle import Session
from omloop.core import Fitted, Job, NumberArray, Output, Part
from omloop.kinds import Classes, Column, Number, Table
from omloop.package import EXPORTERS, check_parity

TABLE = Table(
    (
        Column("age", "number", low=-9, high=9, missing=True),
        Column("always", "number", low=4, high=4),
        Column("colour", "category", categories=("red", "green", "blue", "unseen"), missing=True),
        Column("shop", "category", categories=tuple(f"shop {number}" for number in range(500))),
        Column("opened", "date", missing=True),
    )
)
OUTPUTS: dict[str, Output] = {
    "number": Number("value"),
    "two classes": Classes("value", ("low", "high")),
    "many classes": Classes("value", tuple(f"class {number}" for number in range(14))),
}
QUICK: dict[str, dict[str, Any]] = {
    "baseline": {},
    "linear": {},
    "boosting": {"rounds": 25, "bags": 2},
    "forest": {"trees": 30},
    "blend": {},
    "mlp": {"epochs": 4},
    "lightgbm": {"rounds": 15},
    "xgboost": {"rounds": 15},
    "catboost": {"rounds": 15},
}
SLOW = ("mlp", "blend")
LIBRARIES = {"mlp": "lightning"}


def rows_of(count: int, seed: int) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    records: dict[str, list[Any]] = {
        "age": random.normal(size=count).tolist(),
        "always": [4.0] * count,
        "colour": random.choice(["red", "green", "blue"], count).tolist(),
        "shop": [f"shop {number}" for number in random.integers(0, 300, count)],
        "opened": [f"2019-{month:02}-07" for month in random.integers(1, 13, count)],
    }
    for name in ("age", "colour", "opened"):
        records[name] = [None if random.random() < 0.15 else value for value in records[name]]
    return TABLE.matrix(TABLE.encode(records))


def truth(rows: NDArray[np.float32], output: Output) -> NumberArray:
    values = 2 * np.nan_to_num(rows[:, 0]) + 3.0 * (rows[:, 2] == 1) + (rows[:, 3] % 5) / 2
    if not output.classes:
        return values.astype(np.float64)
    if len(output.classes) == 2:
        return (values > 2).astype(np.int64)
    return np.clip(values + 3, 0, 11).astype(np.int64)  # classes 12 and 13 are never seen


def job_of(name: str, output: Output, folder: Path, weights: Any = (), **options: Any) -> Job:
    train, validation = rows_of(240, 1), rows_of(80, 2)
    config = getattr(models, name)(**QUICK[name] | options).config()
    return Job(
        config=config,
        inputs=TABLE,
        outputs=output,
        train=Part(train, truth(train, output), np.arange(240).astype(str), weights=weights),
        validation=Part(validation, truth(validation, output), np.arange(80).astype(str)),
        seed=3,
        log=lambda step, scores: None,
        folder=folder,
    )


def fitted(name: str, job: Job) -> Fitted:
    pytest.importorskip(LIBRARIES.get(name, name if name in ("lightgbm", "xgboost", "catboost") else "sklearn"))
    return models.for_tables()[name].fit(job)


@pytest.mark.parametrize("shape", OUTPUTS)
@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in QUICK])
def test_a_model_of_an_awkward_table_is_packaged_and_answers_alike(name: str, shape: str, tmp_path: Path) -> None:
    output = OUTPUTS[shape]
    job = job_of(name, output, tmp_path)
    model = fitted(name, job)
    session = Session(EXPORTERS.load(model.family)(model, TABLE, output, job.train.examples), TABLE, output)
    assert check_parity(model, session, job.validation.examples, TABLE.edges()).verified
    answers = model.predict(job.validation.examples)
    if name in ("linear", "boosting", "forest"):
        assert better_than_the_baseline(answers, job, tmp_path)


def better_than_the_baseline(answers: NumberArray, job: Job, folder: Path) -> bool:
    plain = fitted("baseline", job_of("baseline", job.outputs, folder)).predict(job.validation.examples)
    losses = [loss_of(one, job.validation.targets) for one in (answers, plain)]
    return losses[0] < 0.9 * losses[1]


def loss_of(answers: NumberArray, targets: NumberArray) -> float:
    if answers.ndim == 1:
        return float(np.square(answers - targets).mean())
    return float(-np.log(answers[np.arange(len(targets)), targets].clip(1e-6)).mean())


@pytest.mark.parametrize("name", ["baseline", "linear", "boosting", "forest", "lightgbm", "xgboost", "catboost"])
def test_a_row_of_no_weight_teaches_nothing(name: str, tmp_path: Path) -> None:
    """Half of the rows say the contrary, and do not count."""
    output = OUTPUTS["number"]
    weights = np.tile([1.0, 0.0], 120)
    job = job_of(name, output, tmp_path, weights)
    wrong = np.where(weights > 0, job.train.targets, 50.0)
    model = fitted(name, replace(job, train=replace(job.train, targets=wrong)))
    assert np.abs(model.predict(job.validation.examples)).mean() < 10


def test_a_blend_answers_the_mean_of_three_models(tmp_path: Path) -> None:
    output = OUTPUTS["two classes"]
    rows = rows_of(50, 5)
    three = []
    for name in ("boosting", "linear", "forest"):
        job = replace(job_of(name, output, tmp_path), config=getattr(models, name)().config())
        three.append(fitted(name, job).predict(rows))
    np.testing.assert_allclose(fitted("blend", job_of("blend", output, tmp_path)).predict(rows), np.mean(three, axis=0))


@pytest.mark.parametrize("name", ["linear", "boosting", "forest"])
def test_balance_finds_more_of_a_rare_class(name: str, tmp_path: Path) -> None:
    output = OUTPUTS["two classes"]
    rare = partial(rare_of, tmp_path=tmp_path, name=name, output=output)
    assert rare(balance=1.0) > 1.3 * rare(balance=0.0)


def rare_of(name: str, output: Output, tmp_path: Path, balance: float) -> float:
    job = job_of(name, output, tmp_path, balance=balance)
    few = (job.train.examples[:, 0] > 1.3).astype(np.int64)
    model = fitted(name, replace(job, train=replace(job.train, targets=few)))
    return float(model.predict(job.validation.examples)[:, 1].mean())


@pytest.mark.parametrize("name", ["linear", "boosting", "forest"])
def test_twenty_rows_of_a_constant_table_teach_the_mean(name: str, tmp_path: Path) -> None:
    job = job_of(name, OUTPUTS["number"], tmp_path)
    table = Table((Column("always", "number"), Column("absent", "number", missing=True)))
    rows = np.tile(np.array([[4.0, np.nan]], np.float32), (20, 1))
    part = Part(rows, np.arange(20.0), np.arange(20).astype(str))
    model = fitted(name, replace(job, inputs=table, train=part, validation=part))
    np.testing.assert_allclose(model.predict(rows[:2]), 9.5, atol=0.5)


@pytest.mark.parametrize("name", ["baseline", "linear", "boosting", pytest.param("mlp", marks=pytest.mark.slow)])
def test_the_words_of_a_text_tell_something(name: str, tmp_path: Path) -> None:
    table = Table((Column("paid", "boolean"), Column("note", "text", size=16)))
    telling = [("broken", "fine")[row % 2] for row in range(200)]
    examples = table.encode({"paid": [row % 3 == 0 for row in range(200)], "note": [f"it is {one}" for one in telling]})
    part = Part(examples, np.arange(200) % 2, np.arange(200).astype(str))
    output = OUTPUTS["two classes"]
    job = replace(job_of(name, output, tmp_path), inputs=table, train=part, validation=part)
    model = fitted(name, job)
    session = Session(EXPORTERS.load(model.family)(model, table, output, examples), table, output)
    assert check_parity(model, session, examples, table.edges()).verified
    assert name == "baseline" or (model.predict(examples).argmax(axis=1) == part.targets).mean() > 0.95


def test_a_class_that_is_there_once_is_learned_from(tmp_path: Path) -> None:
    job = job_of("boosting", OUTPUTS["many classes"], tmp_path)
    targets = job.train.targets.copy()
    targets[targets == 3], targets[5] = 4, 3
    model = fitted("boosting", replace(job, train=replace(job.train, targets=targets)))
    assert (model.predict(job.validation.examples)[:, 3] > 0).all()


def test_a_hundred_thousand_words_are_a_small_table(tmp_path: Path) -> None:
    """A few megabytes, not the eighty gigabytes of a square of them."""
    table = Table((Column("name", "category", categories=tuple(f"name {number}" for number in range(100_000))),))
    rows = np.random.default_rng(0).integers(0, 100_000, (300, 1)).astype(np.float32)
    part = Part(rows, rows[:, 0] % 2, np.arange(300).astype(str))
    job = replace(job_of("linear", OUTPUTS["number"], tmp_path), inputs=table, train=part, validation=part)
    model = fitted("linear", job)
    graph = EXPORTERS.load(model.family)(model, table, job.outputs, rows)
    assert len(graph) < 5e6


def test_boosting_of_many_rows_stops_without_a_validation_part_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of the training part ends it, as the validation part would."""
    from omloop.train.catalogue import trees

    monkeypatch.setattr(trees, "FEW", 100)
    job = job_of("boosting", OUTPUTS["number"], tmp_path, rounds=400)
    nobody = Part(job.train.examples[:0], job.train.targets[:0], job.train.keys[:0])
    model = fitted("boosting", replace(job, validation=nobody))
    assert len(model.model[-1]._predictors) < job.config.rounds
    assert better_than_the_baseline(model.predict(job.validation.examples), job, tmp_path)
