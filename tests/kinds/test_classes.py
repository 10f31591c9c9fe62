"""What a model answers: a number or one of some classes, and which labels may be said about it."""

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import ConfigError, DataError, InputError, Output
from omloop.kinds import Classes, Number

SCORE = Number("score", unit="points", low=0, high=100)
MOOD = Classes("mood", ("sad", "happy", "None"))


@pytest.mark.parametrize("label", [0, 100, 61.25])
def test_a_number_in_range_is_a_label(label: float) -> None:
    parsed = SCORE.parse(label)
    assert type(parsed) is float
    assert parsed == label


@pytest.mark.parametrize(
    "label", [True, None, "61", "", [1], {}, float("nan"), float("inf"), -1e-9, 100.001, 10**400, -(10**400)]
)
def test_anything_else_is_no_label_of_a_number(label: Any) -> None:
    with pytest.raises(InputError, match=r"label: .* is not accepted; send a finite number from 0 to 100") as caught:
        SCORE.parse(label)
    assert caught.value.field == "label"
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("label", [float("nan"), float("inf"), 10**400, 1e301])
def test_a_number_without_limits_is_still_finite(label: Any) -> None:
    with pytest.raises(InputError, match=r"send a finite number$"):
        Number("score").parse(label)


def test_one_limit_is_told_as_well() -> None:
    with pytest.raises(InputError, match="send a finite number from 0 to inf"):
        Number("score", low=0).parse(-1)


@pytest.mark.parametrize("values", [["61.5", "0"], [61.5, 0], np.array([61.5, 0], np.float32)])
def test_raw_numbers_become_float64_targets(values: Any) -> None:
    encoded = SCORE.encode(values)
    assert encoded.dtype == np.float64
    assert encoded.tolist() == [61.5, 0]


@pytest.mark.parametrize("value", ["", "x", None, "nan", "inf", True, np.bool_(True), "101", 10**400, []])
def test_a_target_that_is_no_number_in_range_is_named_by_its_record(value: Any) -> None:
    with pytest.raises(DataError, match=r"column 'score', record 2: .* is not accepted"):
        SCORE.encode([50, value])


def test_no_targets_encode_to_none() -> None:
    assert SCORE.encode([]).shape == (0,)
    assert MOOD.encode([]).shape == (0,)


def test_class_names_become_indices() -> None:
    encoded = MOOD.encode(["happy", "None", "sad"])
    assert encoded.dtype == np.int64
    assert encoded.tolist() == [1, 2, 0]


def test_an_unknown_class_is_named_with_the_nearest_one() -> None:
    with pytest.raises(DataError, match=r"column 'mood', record 2: 'hapy' is not a class\. Did you mean 'happy'\?"):
        MOOD.encode(["sad", "hapy"])


def test_a_missing_target_is_not_the_class_called_none() -> None:
    with pytest.raises(DataError, match="column 'mood', record 1: a value is missing"):
        MOOD.encode([None])


@pytest.mark.parametrize("label", [None, True, 1, "Happy", "", ["happy"], float("nan")])
def test_a_label_that_is_no_class_is_told_the_classes(label: Any) -> None:
    with pytest.raises(InputError, match="is not a class; send one of sad, happy, None") as caught:
        MOOD.parse(label)
    assert caught.value.field == "label"


def test_a_class_is_a_label() -> None:
    assert MOOD.parse("happy") == "happy"


def test_an_answer_is_the_most_probable_class_with_every_probability() -> None:
    (answer,) = MOOD.answer(np.array([[0.2, 0.7, 0.1]]))
    assert answer == {"label": "happy", "probabilities": {"sad": 0.2, "happy": 0.7, "None": 0.1}}


@pytest.mark.parametrize(
    ("output", "outputs"),
    [(SCORE, np.array([1.5, 2.0])), (MOOD, np.array([[0.2, 0.7, 0.1], [1.0, 0.0, 0.0]]))],
)
def test_answers_are_json_and_gather_back_to_the_outputs(output: Output, outputs: np.ndarray) -> None:
    answers = json.loads(json.dumps(output.answer(outputs)))
    np.testing.assert_array_equal(output.gather(answers), outputs)
    assert all(set(answer) == set(output.schema()["required"]) for answer in answers)


@pytest.mark.parametrize(
    ("output", "outputs"),
    [(SCORE, np.array([1.5, 2.0])), (MOOD, np.array([[0.2, 0.7, 0.1], [1.0, 0.0, 0.0]])), (MOOD, np.empty((0, 3)))],
)
def test_what_is_observed_is_what_is_said_to_be(output: Output, outputs: np.ndarray) -> None:
    observed = output.observe(outputs)
    assert set(observed) == set(output.observed)
    assert all(column.shape == (len(outputs),) for column in observed.values())


def test_the_predicted_class_and_its_confidence_are_observed() -> None:
    observed = MOOD.observe(np.array([[0.2, 0.7, 0.1]]))
    assert (observed["prediction"].tolist(), observed["confidence"].tolist()) == ([1], [0.7])
    assert MOOD.observed["prediction"] == MOOD.classes


@pytest.mark.parametrize("output", [SCORE, Number("score"), MOOD])
def test_a_restored_output_is_the_same(output: Output) -> None:
    assert type(output).restore(json.loads(json.dumps(output.describe()))) == output


@given(st.lists(st.floats(0, 100), max_size=10))
@settings(max_examples=30, deadline=None)
def test_targets_that_encode_are_labels_and_the_same_numbers(values: list[float]) -> None:
    assert SCORE.encode(values).tolist() == [SCORE.parse(value) for value in values]


LESION = Classes("dx", ("nv", "mel", "bcc"), flags={"malignant": ("mel", "bcc")})


def test_an_answer_says_whether_the_predicted_class_has_a_flag() -> None:
    answers = LESION.answer(np.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]]))
    assert [answer["malignant"] for answer in answers] == [True, False]
    assert [list(answer) for answer in answers] == [["label", "probabilities", "malignant"]] * 2
    np.testing.assert_array_equal(LESION.gather(answers), [[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]])


def test_the_schema_of_an_answer_tells_its_flags() -> None:
    schema = LESION.schema()
    assert schema["properties"]["malignant"]["type"] == "boolean"
    assert "mel or bcc" in schema["properties"]["malignant"]["description"]
    assert schema["required"] == ["label", "probabilities", "malignant"]


def test_flags_are_described_and_restored() -> None:
    assert Classes.restore(json.loads(json.dumps(LESION.describe()))) == LESION


def test_an_output_described_before_there_were_flags_is_still_read() -> None:
    assert Classes.restore({"kind": "classes", "name": "mood", "classes": list(MOOD.classes)}) == MOOD


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ({"malignant": ("mell",)}, "Did you mean 'mel'"),
        ({"label": ("mel",)}, "cannot be called 'label'"),
        ({"": ("mel",)}, "cannot be called ''"),
    ],
)
def test_a_flag_of_no_class_or_of_a_taken_name_is_refused(flags: dict[str, tuple[str, ...]], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Classes("dx", ("nv", "mel"), flags=flags)


MEANT = Classes("dx", ("nv", "mel", "bcc"), meanings={"mel": "a dangerous skin cancer", "nv": "a mole"})


def test_meanings_travel_only_where_they_are_given() -> None:
    assert Classes.restore(json.loads(json.dumps(MEANT.describe()))) == MEANT
    assert "meanings" not in LESION.describe()


def test_a_meaning_goes_with_its_class() -> None:
    assert MEANT.select(["mel", "bcc"]).meanings == {"mel": "a dangerous skin cancer"}


def test_the_schema_of_an_answer_says_what_the_labels_mean() -> None:
    label = MEANT.schema()["properties"]["label"]
    assert label["enum"] == ["nv", "mel", "bcc"] and "mel: a dangerous skin cancer" in label["description"]
    assert label["x-enumDescriptions"] == MEANT.meanings
    assert LESION.schema()["properties"]["label"] == {"enum": ["nv", "mel", "bcc"]}


@pytest.mark.parametrize(("meanings", "reason"), [({"mell": "x"}, "Did you mean 'mel'"), ({"mel": " "}, "few words")])
def test_a_meaning_of_no_class_or_of_no_words_is_refused(meanings: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Classes("dx", ("nv", "mel"), meanings=meanings)


def test_an_answer_says_how_wrong_it_is_and_what_it_knows_of_that() -> None:
    outputs = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    assert (MOOD.error, SCORE.error) == ("error rate", "mean absolute error")
    assert MOOD.errors(np.array([0, 2]), outputs).tolist() == [0, 1]
    assert MOOD.hints(outputs).tolist() == [0.6, 0.7]
    assert SCORE.errors(np.array([50.0]), np.array([47.5])).tolist() == [2.5]
    assert SCORE.hints(np.array([47.5])).tolist() == [47.5]


def test_no_answers_are_no_outputs_of_the_right_shape() -> None:
    """A log without labels gathers none; what follows still counts classes."""
    assert LESION.gather([]).shape == (0, 3)
    assert LESION.errors(np.array([], np.int64), LESION.gather([])).shape == (0,)


@pytest.mark.parametrize(("value", "index"), [(2, 0), (2.0, 0), (np.float32(5.0), 1), ("5.0", 1), ("5", 1)])
def test_a_number_stands_for_the_class_that_spells_it(value: object, index: int) -> None:
    outputs = Classes("level", ("2", "5"))
    assert outputs.encode([value]).tolist() == [index]


@pytest.mark.parametrize("classes", [("False", "True"), ("false", "true")])
def test_a_truth_value_stands_for_the_class_that_spells_it(classes: tuple[str, str]) -> None:
    outputs = Classes("ill", classes)
    assert outputs.encode([True, np.False_]).tolist() == [1, 0]
    assert outputs.parse(True) == classes[1]


def test_a_number_between_the_classes_is_none_of_them() -> None:
    with pytest.raises(DataError, match="'2.5' is not a class"):
        Classes("level", ("2", "5")).encode([2.5])


def test_an_answer_beyond_the_limits_is_clipped_or_flagged_as_is_asked_for() -> None:
    outputs = np.array([-3.0, 4.0, 12.0])
    clipped, flagged = (Number("eur", low=0, high=10, beyond=way) for way in ("clip", "flag"))
    assert [answer["value"] for answer in clipped.answer(outputs)] == [0, 4, 10]
    assert [answer["beyond"] for answer in flagged.answer(outputs)] == [True, False, True]
    assert Number.restore(flagged.describe()) == flagged
    assert "beyond" not in Number("eur", low=0).describe()


@pytest.mark.parametrize("words", [{"beyond": "cut", "low": 0}, {"beyond": "clip"}])
def test_beyond_needs_a_word_that_is_known_and_a_limit(words: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="has beyond="):
        Number("eur", **words)


CAREFUL = Classes("state", ("well", "ill"), threshold=0.25)


def test_a_class_is_answered_from_its_threshold_on() -> None:
    outputs = np.array([[0.8, 0.2], [0.75, 0.25], [0.4, 0.6]])
    assert [answer["label"] for answer in CAREFUL.answer(outputs)] == ["well", "ill", "ill"]
    assert CAREFUL.errors(np.array([1, 1, 1]), outputs).tolist() == [1, 0, 0]
    observed = CAREFUL.observe(outputs)
    assert observed["prediction"].tolist() == [0, 1, 1] and observed["confidence"].tolist() == [0.8, 0.25, 0.6]
    assert CAREFUL.hints(outputs).tolist() == [0.8, 0.25, 0.6]
    assert CAREFUL.worst(np.array([0, 0, 1]), outputs, 9) == [(1, "true well, answered ill (25 %)")]


def test_of_several_classes_that_reach_theirs_the_largest_multiple_is_answered() -> None:
    mole = Classes(
        "mole", ("nevus", "keratosis", "melanoma", "carcinoma"), threshold={"melanoma": 0.1, "carcinoma": 0.3}
    )
    outputs = np.array([[0.6, 0.2, 0.09, 0.11], [0.5, 0.2, 0.1, 0.2], [0.3, 0.1, 0.2, 0.4], [0.3, 0.1, 0.1, 0.5]])
    assert [answer["label"] for answer in mole.answer(outputs)] == ["nevus", "melanoma", "melanoma", "carcinoma"]


@given(st.integers(0, 1000), st.integers(2, 6))
def test_thresholds_that_nothing_reaches_change_no_other_answer(seed: int, size: int) -> None:
    """A rare class behind a high threshold is never answered, and the others as without it."""
    outputs = np.random.default_rng(seed).dirichlet(np.ones(size), 20) * 0.9
    names = tuple(f"c{index}" for index in range(size))
    found = Classes("c", names, threshold={"c0": 0.95}).decide(outputs)
    assert (found == outputs[:, 1:].argmax(axis=1) + 1).all()


@given(st.integers(0, 1000), st.floats(0.01, 0.99))
def test_the_answers_of_the_log_are_decided_as_they_were(seed: int, threshold: float) -> None:
    output = Classes("state", ("well", "ill"), threshold={"well": threshold})
    outputs = np.random.default_rng(seed).dirichlet([1, 1], 30).astype(np.float32).astype(np.float64)
    told = [json.loads(json.dumps(answer)) for answer in output.answer(outputs)]
    assert [output.classes[index] for index in output.decide(output.gather(told))] == [one["label"] for one in told]


@pytest.mark.parametrize(
    ("classes", "threshold", "told"),
    [
        (("well", "ill"), 1.0, "The threshold of 'ill' is 1.0. Give a number above 0 and below 1."),
        (("well", "ill"), True, "The threshold of 'ill' is True."),
        (("well", "ill"), {"well": float("nan")}, "The threshold of 'well' is nan."),
        (("well", "ill"), {"wel": 0.2}, "is of 'wel', which is not a class. Did you mean 'well'?"),
        (("well", "ill"), {"well": 0.2, "ill": 0.2}, "Both classes of 'state' have a threshold."),
        (("well", "ill"), "shares", "The threshold of 'state' is 'shares'. Give a number,"),
        (("a", "b", "c"), 0.2, "such as threshold={'c': 0.2}."),
    ],
)
def test_a_threshold_that_decides_nothing_is_refused(classes: tuple[str, ...], threshold: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        Classes("state", classes, threshold=threshold)


RARE = Classes("mole", ("nevus", "keratosis", "melanoma"), threshold="share")


def test_a_class_of_more_than_its_share_is_answered() -> None:
    """Of several the one with the largest multiple of it, even where rounding lets no probability reach its share."""
    outputs = np.array([[0.9, 0.06, 0.04], [0.6, 0.1, 0.3], [0.6, 0.25, 0.15], [0.7, 0.2, 0.1]]) * (1 - 1e-9)
    assert RARE.decide(outputs).tolist() == [0, 0, 0, 0]
    found = RARE.with_shares(np.repeat([0, 1, 2], [70, 20, 10]))
    assert found.thresholds == pytest.approx({"nevus": 0.7, "keratosis": 0.2, "melanoma": 0.1})
    assert found.decide(outputs).tolist() == [0, 2, 2, 0]
    assert Classes.restore(found.describe()) == found and Classes.restore(RARE.describe()) == RARE


@given(st.integers(0, 1000))
def test_shares_decide_as_balanced_classes_would(seed: int) -> None:
    """By the most probable class, if all were equally frequent."""
    random = np.random.default_rng(seed)
    outputs, targets = random.dirichlet(np.ones(4), 20), random.choice(4, 200, p=[0.6, 0.3, 0.07, 0.03])
    names, counts = ("a", "b", "c", "d"), np.maximum(np.bincount(targets, minlength=4), 1)
    found = Classes("c", names, threshold="share").with_shares(targets)
    assert (found.decide(outputs) == (outputs / counts).argmax(axis=1)).all()


@given(st.integers(0, 1000), st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_two_classes_of_several_are_decided_between_as_before(seed: int, one: float, other: float) -> None:
    """Of classes that all have a threshold; what was the probability of the third belongs to neither."""
    among = Classes("c", ("a", "b", "c"), threshold={"a": one, "b": 0.3, "c": other})
    outputs = np.random.default_rng(seed).dirichlet([1, 1], 30)
    three = np.stack([outputs[:, 0], np.zeros(30), outputs[:, 1]], axis=1)
    assert (among.select(["a", "c"]).decide(outputs) == among.decide(three) // 2).all()


def test_of_two_classes_the_share_of_the_second_says_all() -> None:
    fraud = Classes("fraud", ("no", "yes"), threshold="share").with_shares(np.repeat([0, 1], [95, 5]))
    assert fraud.threshold == 0.05 and fraud.positive == 1
    assert fraud.with_shares(np.array([0, 1])) == fraud


def test_a_threshold_travels_and_bundles_without_one_are_read_and_written_as_before() -> None:
    assert Classes.restore(CAREFUL.describe()) == CAREFUL
    plain = Classes("state", ("well", "ill"))
    assert "threshold" not in plain.describe() and Classes.restore(plain.describe()) == plain
    several = Classes("mood", ("sad", "calm", "mad"), threshold={"mad": 0.2})
    assert (
        several.select(["sad", "mad"]).thresholds == {"mad": 0.2} and several.select(["sad", "calm"]).threshold is None
    )


def test_confidence_is_the_probability_of_the_class_that_is_answered() -> None:
    """Of a class with a threshold too, which need not be the most probable."""
    mood = Classes("mood", ("sad", "happy"), threshold=0.2, calibration="isotonic")
    assert mood.answer(np.array([[0.75, 0.25]]))[0] == {
        "label": "happy",
        "confidence": 0.25,
        "probabilities": {"sad": 0.75, "happy": 0.25},
    }
    assert mood.schema()["required"] == ["label", "confidence", "probabilities"]


def test_no_flag_may_be_called_as_the_confidence_that_an_answer_says() -> None:
    flags = {"confidence": ("happy",)}
    assert Classes("mood", ("sad", "happy"), flags=flags).answer(np.array([[0.0, 1.0]]))[0]["confidence"] is True
    with pytest.raises(ConfigError, match="flag cannot be called 'confidence'"):
        Classes("mood", ("sad", "happy"), flags=flags, calibration="none")


@pytest.mark.parametrize(("way", "promised"), [("temperature", True), ("none", False)])
def test_the_description_of_confidence_promises_what_was_calibrated_alone(way: str, promised: bool) -> None:
    described = Classes("mood", ("sad", "happy"), calibration=way).schema()["properties"]["confidence"]["description"]
    assert ("about 80 % are right" in described) is promised
