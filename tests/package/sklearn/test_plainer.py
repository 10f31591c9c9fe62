"""What scikit-learn wraps around an estimator is packaged, or refused with its cause."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from omloop.bundle import Session
from omloop.core import ExportError, Fitted, Job, Part, TrainError
from omloop.kinds import Column, Table
from omloop.package import EXPORTERS, check_parity, diagnose, require_verified
from omloop.testing.jobs import MOOD, VALUE, StepLog
from omloop.train import fit_estimator

HOLED = Table(
    (
        Column("size", "number", low=-3, high=3, missing=True),
        Column("count", "integer", low=0, high=9),
        Column("colour", "category", categories=("red", "green", "blue", "pink"), missing=True),
    )
)
"""Values may be absent, and no training row is pink."""


def job(tmp_path: Path, outputs: Any = VALUE) -> Job:
    def part(rows: int, seed: int) -> Part:
        chance = np.random.default_rng(seed)
        size, count, colour = chance.uniform(-3, 3, rows), chance.integers(0, 10, rows), chance.integers(0, 3, rows)
        truth = np.exp(size / 2) + count * (1 + (colour == 1))
        matrix = np.stack([size, count, colour], axis=1).astype(np.float32)
        for column in (0, 2):
            matrix[chance.random(rows) < 0.15, column] = np.nan
        targets = truth if outputs is VALUE else np.digitize(truth, [3, 9]).astype(np.int64)
        return Part(matrix, targets, np.arange(rows).astype(str))

    return Job(None, HOLED, outputs, part(300, 1), part(60, 2), 0, StepLog(), tmp_path)


def verified(estimator: Any, of: Job) -> bool:
    fitted = fit_estimator(estimator, of)
    session = Session(packaged(fitted, of), HOLED, of.outputs)
    return check_parity(fitted, session, of.validation.examples, HOLED.edges()).verified


def packaged(fitted: Fitted, of: Job) -> bytes:
    content: bytes = EXPORTERS.load("sklearn")(fitted, HOLED, of.outputs, of.train.examples)
    return content


def filled(**more: Any) -> SimpleImputer:
    return SimpleImputer(**more)


NUMBERS: dict[str, Callable[[], Any]] = {
    "absent values in trees": lambda: ExtraTreesRegressor(10, random_state=0),
    "two forests of different trees": lambda: StackingRegressor(
        [("a", ExtraTreesRegressor(5, random_state=0)), ("b", ExtraTreesRegressor(5, max_depth=3, random_state=1))]
    ),
    "poisson loss": lambda: HistGradientBoostingRegressor(loss="poisson", max_iter=10),
    "gamma loss in a stack": lambda: StackingRegressor(
        [("g", HistGradientBoostingRegressor(loss="gamma", max_iter=10)), ("r", make_pipeline(filled(), Ridge()))]
    ),
    "indicator": lambda: make_pipeline(filled(add_indicator=True), LinearRegression()),
    "indicator in a union": lambda: make_pipeline(make_union(filled(), MissingIndicator()), LinearRegression()),
    "function": lambda: make_pipeline(filled(), FunctionTransformer(np.expm1), LinearRegression()),
    "sparse bins": lambda: make_pipeline(filled(), KBinsDiscretizer(4, encode="onehot", strategy="uniform"), Ridge()),
    "a search": lambda: RandomizedSearchCV(
        make_pipeline(filled(), Ridge()), {"ridge__alpha": [0.1, 1.0]}, n_iter=2, random_state=0
    ),
    "target by functions": lambda: TransformedTargetRegressor(
        make_pipeline(filled(), Ridge()), func=np.log1p, inverse_func=np.expm1
    ),
    "target by a root": lambda: TransformedTargetRegressor(
        make_pipeline(filled(), Ridge()), func=np.sqrt, inverse_func=np.square
    ),
    "target behind steps": lambda: make_pipeline(
        filled(), TransformedTargetRegressor(Ridge(), transformer=MinMaxScaler())
    ),
    "target scaled": lambda: TransformedTargetRegressor(make_pipeline(filled(), Ridge()), transformer=StandardScaler()),
    "target by quartiles": lambda: TransformedTargetRegressor(
        make_pipeline(filled(), Ridge()), transformer=RobustScaler()
    ),
    "columns by name": lambda: make_pipeline(by_name(handle_unknown="ignore"), Ridge()),
    "rare words that are not there": lambda: make_pipeline(
        by_name(handle_unknown="infrequent_if_exist", min_frequency=2), Ridge()
    ),
}


def by_name(**encoder: Any) -> ColumnTransformer:
    words = make_pipeline(filled(strategy="most_frequent"), OneHotEncoder(**encoder))
    return ColumnTransformer([("numbers", filled(), ["size", "count"]), ("words", words, ["colour"])])


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_answered_alike(name: str, tmp_path: Path) -> None:
    assert verified(NUMBERS[name](), job(tmp_path))


def test_classes_are_answered_alike(tmp_path: Path) -> None:
    votes = [("t", DecisionTreeClassifier(random_state=0)), ("l", make_pipeline(filled(), LogisticRegression()))]
    assert verified(VotingClassifier(votes, voting="soft", weights=[2, 1]), job(tmp_path, MOOD))
    assert verified(RandomForestClassifier(10, random_state=0), job(tmp_path, MOOD))


def test_what_was_changed_for_the_export_is_as_it_was(tmp_path: Path) -> None:
    votes = VotingClassifier([("t", DecisionTreeClassifier())], voting="soft", weights=[1], flatten_transform=True)
    of = job(tmp_path, MOOD)
    packaged(fit_estimator(votes, of), of)
    assert votes.weights == [1] and votes.flatten_transform is True


PARTS = [("s", StandardScaler(), [0]), ("t", "passthrough", [1])]


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (HistGradientBoostingRegressor(categorical_features=[2], max_iter=5), "sets of categories"),
        (TransformedTargetRegressor(Ridge(), func=np.cbrt, inverse_func=lambda y: y**3), "'<lambda>' is Python"),
        (make_pipeline(OneHotEncoder(handle_unknown="ignore"), Ridge()), "no category for absent values"),
        (
            make_pipeline(filled(), OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20), Ridge()),
            "group rare words",
        ),
        (make_pipeline(filled(), ColumnTransformer(PARTS), Ridge()), "a ColumnTransformer first"),
    ],
)
def test_what_cannot_be_packaged_is_told_with_its_cause(estimator: Any, words: str, tmp_path: Path) -> None:
    of = job(tmp_path)
    if "TransformedTarget" in type(estimator).__name__:
        estimator.regressor = make_pipeline(filled(), Ridge())
    with pytest.raises(ExportError, match=words):
        fitted = fit_estimator(estimator, of)
        session = Session(packaged(fitted, of), HOLED, of.outputs)
        parity = check_parity(fitted, session, of.validation.examples, HOLED.edges())
        require_verified(parity, diagnose(fitted, session, of.validation.examples))


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (make_pipeline(filled(), OrdinalEncoder(), Ridge()), "handle_unknown='use_encoded_value'"),
        (LinearRegression(), "Values of size, colour are absent"),
        (make_pipeline(ColumnTransformer([("n", filled(), ["sise"])]), Ridge()), "Did you mean 'size'"),
    ],
)
def test_what_cannot_be_trained_is_told_with_what_helps(estimator: Any, words: str, tmp_path: Path) -> None:
    of = job(tmp_path)
    with pytest.raises(TrainError, match=words):
        fit_estimator(estimator, of).predict(HOLED.edges())
