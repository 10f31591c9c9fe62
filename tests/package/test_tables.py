"""A table of every type of column goes the whole way: trained, packaged, and answered as it was trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from omloop.bundle import Session
from omloop.core import Part
from omloop.kinds import Column, Table
from omloop.package.sklearn.sklearn import export
from omloop.testing.jobs import VALUE, number_job
from omloop.train import fit_estimator

TABLE = Table(
    (
        Column("paid", "boolean"),
        Column("day", "date", missing=True),
        Column("at", "datetime"),
        Column("note", "text", missing=True),
        Column("city", "category", categories=("a", "b"), other="elsewhere"),
    )
)


def test_a_model_of_every_type_of_column_answers_requests_as_it_was_trained(tmp_path: Path) -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    draw = np.random.default_rng(0)
    at = np.datetime64("2023-01-01T00:00:00") + draw.integers(0, 10**7, 260)
    days, words = at.astype("M8[D]").astype(str), draw.choice(["late", "so late", "in time", ""], 260)
    paid, cities = draw.random(260) < 0.5, draw.choice(["a", "b", "z"], 260)
    records = {"paid": paid, "day": days, "at": at, "note": words.tolist(), "city": cities.tolist()}
    examples, targets = TABLE.encode(records), paid + 2.0 * np.char.count(words, "late")
    keys = np.arange(260).astype(str)
    parts = [Part(examples[rows], targets[rows], keys[rows]) for rows in (slice(200), slice(200, 260))]
    job = replace(number_job(tmp_path), inputs=TABLE, train=parts[0], validation=parts[1])
    fitted = fit_estimator(HistGradientBoostingRegressor(max_iter=20, min_samples_leaf=5), job)
    session = Session(export(fitted, TABLE, VALUE, examples), TABLE, VALUE)
    again = TABLE.parse(TABLE.render(TABLE.edges()))
    np.testing.assert_allclose(session.predict(again), fitted.predict(TABLE.edges()), rtol=1e-5)
    assert np.corrcoef(session.predict(parts[1].examples), parts[1].targets)[0, 1] > 0.9
