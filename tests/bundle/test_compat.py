import pytest

from omloop.bundle.compat import check_compat, read_compat
from omloop.core import BundleError

ANSWER = {"label": "b", "probabilities": {"a": 0.25, "b": 0.75}, "good": True}


def compat(routes: str = "[]", more: str = ""):
    return read_compat(f'{{"routes": {routes}{more}}}'.encode())


def test_an_answer_is_told_in_the_other_services_words_and_order():
    found = compat(more=', "labels": {"b": "bee"}, "classes": ["b", "a"]')
    facts = found.facts(ANSWER, version="v")
    template = [
        "$label",
        "$index",
        "$confidence",
        "$shares",
        "$probabilities",
        "$good",
        "$version",
        "$probabilities.a",
        1,
    ]
    wanted = ["bee", 0, 0.75, [0.75, 0.25], {"bee": 0.75, "a": 0.25}, True, "v", 0.25, 1]
    assert found.fill(template, [facts]) == wanted


def test_a_number_has_a_value_and_nothing_of_a_class():
    found = compat()
    assert found.facts({"value": 3.5}) == {"value": 3.5}


def test_each_prediction_fills_a_list():
    found = compat()
    assert found.fill({"all": {"$each": {"x": "$value"}}}, [{"value": 1}, {"value": 2}]) == {
        "all": [{"x": 1}, {"x": 2}]
    }


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ("{}", "Expected `array`"),
        ('[{"path": "health", "answer": 1}]', "from '/' on"),
        ('[{"path": "/x", "answer": 1, "take": "file"}]', "needs a path"),
        ('[{"path": "/x", "answer": 1, "field": "file"}]', "needs a path"),
        ('[{"path": "/x", "answer": 1, "take": "pickle", "field": "f"}]', "Invalid enum value"),
        ('[{"path": "/x", "answer": 1, "code": "import os"}]', "unknown field `code`"),
        ("[", "describes no addresses"),
    ],
)
def test_what_describes_no_addresses_is_refused(routes, told):
    with pytest.raises(BundleError, match=told):
        compat(routes)


@pytest.mark.parametrize("word", ["$lable", "$probabilities.c", "$value", "$label.x"])
def test_a_word_that_no_answer_says_is_found_when_a_bundle_is_made(word):
    route = f'[{{"path": "/x", "method": "POST", "take": "file", "field": "f", "answer": ["{word}"]}}]'
    with pytest.raises(BundleError, match="'/x' has no"):
        check_compat(compat(route), ANSWER)


def test_what_predicts_nothing_cannot_speak_of_a_prediction():
    with pytest.raises(BundleError, match="There are: milliseconds, project, version"):
        check_compat(compat('[{"path": "/", "answer": "$label"}]'), ANSWER)
    check_compat(compat('[{"path": "/", "answer": "$version"}]'), ANSWER)
