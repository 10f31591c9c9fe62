import pytest

from omloop.bundle.former_service import check_compat, read_compat
from omloop.core import BundleError
from omloop.testing.bundles import IMAGE, REVIEW, TABLE

ROW = {"hours": 1, "age": 20, "sex": "m"}
(PICTURE,) = IMAGE.render(IMAGE.edges()[:1])
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
        ('[{"path": "/v1/predict", "answer": 1}]', "an address of omloop's own"),
        ('[{"path": "/metrics", "answer": 1}]', "an address of omloop's own"),
        ('[{"path": "/healthz", "answer": "fine"}]', "answers an object"),
        ('[{"path": "/readyz", "method": "POST", "answer": {}}]', "can only be a GET"),
        ('[{"path": "/readyz", "take": "query", "field": "x", "answer": {}}]', "can only be a GET"),
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
        check_compat(compat(route), IMAGE, PICTURE, ANSWER)


def test_two_classes_under_one_label_are_found_when_a_bundle_is_made():
    """One's share would take the place of the other's."""
    with pytest.raises(BundleError, match="2 classes are answered as 'a'"):
        check_compat(compat(more=', "labels": {"b": "a"}'), TABLE, ROW, ANSWER)


def test_what_predicts_nothing_cannot_speak_of_a_prediction():
    with pytest.raises(BundleError, match="There are: milliseconds, project, version"):
        check_compat(compat('[{"path": "/", "answer": "$label"}]'), TABLE, ROW, ANSWER)
    check_compat(compat('[{"path": "/", "answer": "$version"}]'), TABLE, ROW, ANSWER)


@pytest.mark.parametrize(
    ("kind", "row", "take", "told"),
    [
        (TABLE, ROW, '"take": "file"', "takes no multipart/form-data"),
        (TABLE, ROW, '"take": "query"', "takes no text/plain"),
        (TABLE, ROW, '"take": "rows", "fill": {"age": 99}', "rows.0..age"),
        (IMAGE, PICTURE, '"take": "query"', "takes no text/plain"),
        (IMAGE, PICTURE, '"take": "pixels", "shape": [9]', "9"),
        (REVIEW, {"review": "good"}, '"take": "file"', "takes no multipart/form-data"),
    ],
)
def test_what_the_model_cannot_take_is_found_when_a_bundle_is_made(kind, row, take, told):
    route = f'[{{"path": "/x", "field": "f", "answer": 1, {take}}}]'
    with pytest.raises(BundleError, match=f"'/x' does not fit what the model takes: .*{told}"):
        check_compat(compat(route), kind, row, ANSWER)


@pytest.mark.parametrize(
    ("kind", "row", "take"),
    [
        (TABLE, ROW, '"take": "rows", "fill": {"age": 20, "not of this model": 1}'),
        (IMAGE, PICTURE, '"take": "file"'),
        (IMAGE, PICTURE, '"take": "pixels", "shape": [6, 8, 3]'),
        (REVIEW, {"review": "good"}, '"take": "query"'),
    ],
)
def test_what_the_model_takes_is_accepted(kind, row, take):
    check_compat(compat(f'[{{"path": "/x", "field": "f", "answer": 1, {take}}}]'), kind, row, ANSWER)


def test_a_probe_finds_what_it_read_before():
    found = compat('[{"path": "/readyz", "answer": {"model": "$version", "of": "$project", "ms": "$milliseconds"}}]')
    assert found.probed("/readyz", project="p", version="v") == {"model": "v", "of": "p", "ms": 0.0}
    assert found.probed("/healthz", project="p", version="v") == {}
