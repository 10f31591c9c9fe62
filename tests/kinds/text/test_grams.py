import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.kinds.text.grams import count_grams, pad_entries, words_of

TEXTS = ["good film", "good good film", "", "?!", "film good"]


def entries(texts: list[str], grams: int = 2, buckets: int = 2**16) -> list[dict[int, float]]:
    found: list[dict[int, float]] = [{} for _ in texts]
    for row, bucket, count in zip(*count_grams(texts, grams, buckets), strict=True):
        found[row][int(bucket)] = float(count)
    return found


def test_words_are_runs_of_letters_with_their_apostrophes_and_each_loud_mark() -> None:
    assert words_of("Don't! It\u2019s a 10/10, über_cool") == [
        "don't",
        "!",
        "it\u2019s",
        "a",
        "10",
        "10",
        "über",
        "cool",
    ]


def test_a_word_is_counted_as_often_as_it_stands_there() -> None:
    once, twice, *_ = entries(TEXTS, grams=1)
    assert sorted(once.values()) == [1, 1]
    assert sorted(twice.values()) == [1, 2]


def test_pairs_are_counted_in_their_order() -> None:
    one, _, _, _, turned = entries(TEXTS)
    assert len(one) == 3
    assert len(one.keys() & turned.keys()) == 2


def test_no_pair_reaches_from_one_text_into_the_next() -> None:
    assert entries(["a b", "c d"]) == entries(["a b"]) + entries(["c d"])


def test_a_text_without_a_word_counts_nothing() -> None:
    assert entries([""]) == [{}]
    assert entries(["...", "😀"]) == [{}, {}]


def test_the_bucket_of_padding_is_never_used() -> None:
    """However few buckets there are."""
    assert all(0 not in found and max(found, default=1) < 3 for found in entries([f"w{n}" for n in range(99)], 2, 3))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5), st.integers(1, 3))
def test_a_batch_counts_each_text_as_if_it_were_alone(texts: list[str], grams: int) -> None:
    assert entries(texts, grams) == [found for text in texts for found in entries([text], grams)]


def test_padded_rows_hold_every_entry_and_then_nothing() -> None:
    wide, many = pad_entries(*count_grams(TEXTS, 2, 2**16), len(TEXTS))
    assert wide.shape == many.shape == (5, 4)
    assert (wide == 0).sum() == (many == 0).sum() == 20 - (3 + 4 + 0 + 3 + 3)
    assert [dict(zip(w[m > 0], m[m > 0], strict=True)) for w, m in zip(wide, many, strict=True)] == entries(TEXTS)


def test_no_texts_make_matrices_without_rows() -> None:
    wide, many = pad_entries(*count_grams([], 2, 2**16), 0)
    assert wide.shape == many.shape == (0, 1)


def test_the_buckets_are_the_same_in_another_process() -> None:
    """Python's own hash of a text changes with the process; this one may not."""
    code = "from omloop.kinds.text.grams import count_grams; print(count_grams(['good film'], 2, 2**20)[1].tolist())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert np.array_equal(eval(told), count_grams(["good film"], 2, 2**20)[1])  # noqa: S307
