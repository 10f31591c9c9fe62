"""A fitted model and examples: what it reads, what it answers, and the same as ONNX."""

from typing import Any

import numpy as np
import polars
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from omloop.core import DataError, ExportError, OmloopError, TrainError
from omloop.loop.turn.add_model import _dataset
from omloop.loop.turn.given.model import GivenModel, given_model
from omloop.loop.turn.given.options import AddOptions
from omloop.loop.turn.packaged import Packaged
from omloop.loop.turn.packaging import package

ROWS, HALF = 240, 120
CHANCE = np.random.default_rng(0)
HOURS = CHANCE.gamma(2, 2, ROWS).round(1)
SEX, SCHOOL = CHANCE.choice(["f", "m"], ROWS), CHANCE.choice(["GP", "MS"], ROWS)
FAILURES = CHANCE.integers(0, 4, ROWS)
PASSED = np.where(HOURS + (SEX == "f") - FAILURES + CHANCE.normal(size=ROWS) > 3, "pass", "fail")
FRAME = polars.DataFrame(
    {"id": [f"s{row}" for row in range(ROWS)], "hours": HOURS, "sex": SEX, "school": SCHOOL, "failures": FAILURES}
)
ARRAY = np.stack([HOURS, FAILURES], axis=1)


def pipeline(model: Any, unknown: str = "ignore") -> Any:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    words = OneHotEncoder(handle_unknown=unknown)
    made = make_pipeline(make_column_transformer((numbers, ["hours", "failures"]), (words, ["sex", "school"])), model)
    return made.fit(FRAME[:HALF], PASSED[:HALF])


def proven(model: Any, examples: Any, targets: Any, **options: Any) -> tuple[GivenModel, Packaged]:
    """What was found out of a model, and its proven graph, which answers the examples as the model does."""
    found = given_model(model, examples, targets, AddOptions.of(**options))
    project = found.project("students")
    dataset, _ = _dataset(project, found)
    packaged = package(project, found.kind, dataset, found.fitted)
    assert found.require_as_given(packaged.session, packaged.outputs) == ()
    return found, packaged


@pytest.mark.parametrize(
    "model", [LogisticRegression(), pytest.param(RandomForestClassifier(20, random_state=0), marks=pytest.mark.slow)]
)
def test_a_pipeline_over_a_frame_with_words_answers_rows_of_json_as_it_answers_the_frame(model: Any) -> None:
    fitted = pipeline(model)
    found, packaged = proven(fitted, FRAME[HALF:], polars.Series("result", PASSED[HALF:]))
    assert (found.kind.fields, found.target, found.notes) == (
        ("hours", "sex", "school", "failures"), "result", ("the model does not read id",)
    )  # fmt: skip
    row = {"hours": 3.2, "failures": 1, "sex": "f", "school": "Elsewhere"}
    wanted = fitted.predict_proba(polars.DataFrame([{**row, "id": ""}]))
    assert packaged.session.predict(found.kind.parse([row])) == pytest.approx(wanted, abs=1e-6)


def test_a_word_that_the_model_refuses_is_refused_before_it() -> None:
    found, _ = proven(pipeline(LogisticRegression(), "error"), FRAME[HALF:], PASSED[HALF:])
    with pytest.raises(DataError, match="'XX' is not accepted; send one of 'GP', 'MS'"):
        found.kind.parse([{"hours": 3.2, "failures": 1, "sex": "f", "school": "XX"}])


@pytest.mark.parametrize("fill", ["most_frequent", None])
def test_absent_words_are_filled_in_or_a_word_of_their_own(fill: str | None) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({name: FRAME[name].to_list() for name in ("hours", "sex")})
    frame.loc[::7, "sex"] = np.nan
    words = make_pipeline(*[SimpleImputer(strategy=fill)] if fill else [], OneHotEncoder(handle_unknown="ignore"))
    model = make_pipeline(make_column_transformer((words, ["sex"]), remainder="passthrough"), LogisticRegression())
    found, _ = proven(model.fit(frame[:HALF], PASSED[:HALF]), frame[HALF:], PASSED[HALF:])
    assert found.kind.parse([{"hours": 1.5, "sex": None}]).shape == (1, 2)


def test_records_without_a_frame_are_given_to_the_model_as_one() -> None:
    found, _ = proven(pipeline(LogisticRegression()), FRAME[HALF:].to_dicts(), PASSED[HALF:].tolist())
    assert found.as_given is None


def test_an_array_has_the_names_that_it_is_given() -> None:
    model = make_pipeline(StandardScaler(), LinearRegression()).fit(ARRAY[:HALF], HOURS[:HALF])
    found, _ = proven(model, ARRAY[HALF:], HOURS[HALF:], names=["hours", "failures"])
    assert found.kind.fields == ("hours", "failures") and found.outputs.classes == ()


def test_classes_0_and_1_are_called_as_the_outputs_say() -> None:
    model = LogisticRegression().fit(ARRAY[:HALF], PASSED[:HALF] == "pass")
    assert proven(model, ARRAY[HALF:], PASSED[HALF:] == "pass")[0].outputs.classes == ("false", "true")
    places = LogisticRegression().fit(ARRAY[:HALF], (PASSED[:HALF] == "pass").astype(int))
    found, _ = proven(places, ARRAY[HALF:], PASSED[HALF:], outputs=("fail", "pass"))
    assert found.outputs.classes == ("fail", "pass")


@pytest.mark.parametrize("brightest", [1.0, 255])
def test_pictures_are_rows_of_pixels_as_they_were_given(brightest: float) -> None:
    pixels = CHANCE.integers(0, 256, (ROWS, 4, 4), dtype=np.uint8)
    pictures = pixels if brightest == 255 else pixels / 255
    truth = pixels[:, 0, 0] > 128
    model = LogisticRegression(max_iter=1000).fit(pictures.reshape(ROWS, -1)[:HALF], truth[:HALF])
    found, _ = proven(model, pictures[HALF:], truth[HALF:])
    assert found.kind.fields == ("image",)


def test_texts_are_cut_into_words_of_any_language() -> None:
    words = np.array(["good", "great", "schön", "été", "bad", "poor", "übel", "the", "film", "42", "it's"])
    texts = [" ".join(CHANCE.choice(words, 8)).capitalize() + "!" for _ in range(ROWS)]
    truth = ["bad" in text or "übel" in text for text in texts]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts[:HALF], truth[:HALF])
    found, packaged = proven(model, texts[HALF:], truth[HALF:])
    wanted = model.predict_proba(["ÜBEL, it's été"])
    assert packaged.session.predict(found.kind.parse([{"text": "ÜBEL, it's été"}])) == pytest.approx(wanted, abs=1e-6)
    assert type(found.kind).restore(found.kind.describe(), {}) == found.kind


def test_trees_that_compare_in_float64_are_refused_with_what_helps() -> None:
    with pytest.raises(ExportError, match=r"fit it on float32 \(X.astype\('float32'\)\)"):
        model = HistGradientBoostingClassifier(max_iter=20).fit(ARRAY[:HALF], PASSED[:HALF])
        proven(model, ARRAY[HALF:], PASSED[HALF:])


def test_a_vectorizer_says_what_ONNX_lacks() -> None:
    texts = ["good film", "bad film"] * 20
    model = make_pipeline(TfidfVectorizer(analyzer="char_wb"), LogisticRegression()).fit(texts, ["pos", "neg"] * 20)
    with pytest.raises(ExportError, match="'char_wb'.*Use analyzer='word'"):
        proven(model, texts, ["pos", "neg"] * 20)


MODEL = LogisticRegression().fit(ARRAY[:HALF], PASSED[:HALF])
TARGETS = PASSED[HALF:].tolist()


@pytest.mark.parametrize(
    ("model", "examples", "targets", "said"),
    [
        (LogisticRegression(), ARRAY[HALF:], TARGETS, "LogisticRegression is not fitted"),
        (object(), ARRAY[HALF:], TARGETS, "type 'object' cannot be added"),
        (MODEL, ARRAY[HALF:], TARGETS[1:], "120 examples and 119 targets"),
        (MODEL, ARRAY[HALF:], [None, *TARGETS[1:]], "1 of 120 targets are absent"),
        (MODEL, ARRAY[HALF:], ["maybe"] * HALF, "'maybe' is no class of the model"),
        (MODEL, ARRAY[HALF:], ["pass"] * HALF, "All targets are 'pass'"),
        (MODEL, ARRAY[:5], TARGETS[:5], "5 examples judge nothing. Give 20"),
        (MODEL, np.full((HALF, 2), np.nan), TARGETS, "holds no value at all"),
        (MODEL, np.where(ARRAY > 9, np.nan, ARRAY)[HALF:], TARGETS, "Put a SimpleImputer before the model"),
        (MODEL, np.where(ARRAY > 9, np.inf, ARRAY)[HALF:], TARGETS, "holds an infinite number"),
        (MODEL, ARRAY[HALF:, :1], TARGETS, "fitted on 2 columns, and the examples have 1"),
        (MODEL, 3, TARGETS, "type 'int' holds no examples. Give a data frame"),
        (pipeline(LogisticRegression()), FRAME[HALF:].drop("sex"), TARGETS, "The model reads sex, which"),
        (pipeline(LogisticRegression()), FRAME[HALF:].with_columns(sex=1), TARGETS, "'sex' holds numbers, and the"),
    ],
)
def test_what_does_not_fit_says_what_would(model: Any, examples: Any, targets: Any, said: str) -> None:
    with pytest.raises(OmloopError, match=said):
        proven(model, examples, targets)


def test_an_option_that_there_is_not_names_the_nearest() -> None:
    with pytest.raises(OmloopError, match="Did you mean 'inputs'"):
        AddOptions.of(input=1)
    with pytest.raises(OmloopError, match="Did you mean 'margin'"):
        AddOptions.of(rules={"margn": 1})
    with pytest.raises(OmloopError, match="it is 'auto' or 'ask'"):
        AddOptions.of(promote="yes")


def test_an_estimator_without_probabilities_is_no_classifier_here() -> None:
    from sklearn.svm import SVC

    with pytest.raises(TrainError, match="wrap it in sklearn.calibration"):
        proven(SVC().fit(ARRAY[:HALF], PASSED[:HALF]), ARRAY[HALF:], TARGETS)
