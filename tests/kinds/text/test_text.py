import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.bundle import KINDS
from omloop.core import ConfigError, DataError, InputError, TrainError, UnknownNameError
from omloop.kinds import Text

TEXT = Text("review", most_characters=60, buckets=2**12, refused={"stars": "it gives the answer away"})
WORDS = ["Good film", "Bad,  really <b>bad</b>"]
ROWS = [{"review": text} for text in WORDS]


def test_raw_texts_are_made_plain() -> None:
    examples = TEXT.encode({"review": WORDS, "stars": [5, 1]})
    assert examples.dtype == object
    assert examples.tolist() == ["Good film", "Bad, really bad"]


def test_a_text_that_is_not_there_is_one_fault_however_short_texts_are() -> None:
    with pytest.raises(InputError) as raised:
        Text("review", most_characters=1).parse([{}, 7])
    assert [fault.field for fault in raised.value.faults] == ["rows[0].review", "rows[1]"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty"),
        (" <br /> ", "is empty"),
        (None, "null is not a text"),
        (3.5, "3.5 is not a text"),
        (float("nan"), "NaN is not a text"),
        (b"bytes", "is not a text"),
        ("x" * 61, "has 61 characters; send a text of 1 to 60 characters"),
        ("half \ud83d", "half of a surrogate pair"),
        ("\u0958" * 60, "is too long"),
    ],
)
def test_a_text_that_is_not_accepted_is_refused_with_its_place(value: object, reason: str) -> None:
    """In records by column and record, in requests by the path of the field."""
    with pytest.raises(DataError, match=f"column 'review', record 2: .*{reason}"):
        TEXT.encode({"review": ["fine", value]})
    with pytest.raises(InputError, match=reason) as caught:
        TEXT.parse([{"review": "fine"}, {"review": value}])
    assert caught.value.field == "rows[1].review"
    assert TEXT.bad_rows({"review": ["fine", value]}).tolist() == [False, True]


def test_records_without_the_column_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(DataError, match=r"'review' is missing. Did you mean 'reviews'\?"):
        TEXT.encode({"reviews": WORDS})


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("a text", "rows[0]", "must be an object"),
        ({}, "rows[0].review", "is missing"),
        ({"reviw": "a"}, "rows[0].reviw", "Did you mean 'review'"),
        ({"review": "a", "stars": 1}, "rows[0].stars", "it gives the answer away"),
    ],
)
def test_a_row_that_is_no_text_under_its_name_is_explained(row: object, field: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        TEXT.parse([row])
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (msgspec.json.encode({"rows": ROWS}), "application/json", 2),
        ("Größte Qual 😀".encode(), "text/plain; charset=utf-8", 1),
        (b'review\n"Good, film"\nBad\n', "text/csv", 2),
        (b'\xef\xbb\xbfreview\n"two\nlines"\n', "text/csv", 1),
    ],
)
def test_each_media_type_is_read(content: bytes, media_type: str, expected: int) -> None:
    assert len(TEXT.read(content, media_type)) == expected


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (b"{", "application/json", "not valid JSON"),
        (b'{"rows": "a"}', "application/json", "one key"),
        (b'{"rows": []}', "application/json", "at least one row"),
        (b'{"rows": [{"review": "\\ud800"}]}', "application/json", "JSON|surrogate"),
        (b"caf\xe9", "text/plain", "not UTF-8"),
        (b"", "text/plain", "is empty"),
        (b"review\n", "text/csv", "no row"),
        (b"a,b\nc,d\n", "text/csv", "not a column"),
        (b"review,review\nc,d\n", "text/csv", "one column"),
        (b"review\na,b\n", "text/csv", "quote a text that holds a comma"),
        (b'review\n"a', "text/csv", "cannot be read"),
        (b"review\n" + b"x" * 200_000, "text/csv", "cannot be read"),
        (b"x", "image/png", "cannot read 'image/png'"),
    ],
)
def test_a_body_that_cannot_be_read_is_explained(content: bytes, media_type: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        TEXT.read(content, media_type)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_whatever_is_accepted_comes_back_from_its_rendering(text: str) -> None:
    try:
        examples = TEXT.parse([{"review": text}])
    except InputError:
        return
    assert TEXT.parse(TEXT.render(examples)).tolist() == examples.tolist()
    assert TEXT.encode({"review": [text]}).tolist() == examples.tolist()
    TEXT.feeds(examples)


def test_texts_at_the_limits_are_accepted_and_observed() -> None:
    edges = TEXT.edges()
    assert TEXT.parse(TEXT.render(edges)).tolist() == edges.tolist()
    assert max(map(len, edges)) in (59, 60)
    assert all(np.isfinite(values).all() for values in TEXT.observe(edges).values())


def test_the_shortest_limit_still_has_edges() -> None:
    short = Text(most_characters=1)
    assert short.parse(short.render(short.edges())).tolist() == short.edges().tolist()


def test_feeds_are_as_wide_as_the_longest_text_of_the_batch() -> None:
    feeds = TEXT.feeds(TEXT.encode({"review": WORDS}))
    assert {name: (values.shape, values.dtype.name) for name, values in feeds.items()} == {
        "grams": ((2, 4), "int64"),
        "counts": ((2, 4), "float32"),
    }
    assert feeds["counts"].sum(axis=1).tolist() == [3, 5]


def test_the_log_keeps_texts_or_only_their_numbers() -> None:
    """Either way the same numbers are recalled; only a kept text can be learned from again."""
    examples = TEXT.encode({"review": WORDS})
    secret = Text("review", keep=False)
    kept, numbers = TEXT.record(examples), secret.record(examples)
    assert TEXT.replay(kept[0]) == {"review": "Good film"}
    assert secret.replay(numbers[0]) is None
    assert "Good" not in str(numbers)
    for name, values in TEXT.observe(examples).items():
        np.testing.assert_allclose(TEXT.recall(kept)[name], values)
        np.testing.assert_allclose(secret.recall(numbers)[name], values)


def test_what_is_observed_is_what_is_announced() -> None:
    assert list(TEXT.observe(TEXT.edges())) == list(TEXT.observed)


def test_a_text_has_no_columns_to_shuffle_and_no_matrix() -> None:
    examples = TEXT.edges()
    assert list(TEXT.shuffled(examples, 0)) == []
    with pytest.raises(TrainError, match="fit_bag_of_words"):
        TEXT.matrix(examples)


def test_its_description_restores_it() -> None:
    described = msgspec.json.decode(msgspec.json.encode(TEXT.describe()))
    assert KINDS.load(described["kind"]).restore(described, {}) == TEXT


def test_its_schema_says_what_is_accepted() -> None:
    assert TEXT.schema()["properties"] == {"review": {"type": "string", "minLength": 1, "maxLength": 60}}


def test_only_its_own_field_can_be_selected() -> None:
    assert TEXT.select(["review"]) == TEXT
    with pytest.raises(UnknownNameError, match="stars"):
        TEXT.select(["stars"])


@pytest.mark.parametrize("wrong", [{"grams": 0}, {"buckets": 1}, {"most_characters": 0}, {"refused": {"text": "no"}}])
def test_limits_that_nothing_meets_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Text(**wrong)  # type: ignore[arg-type]
