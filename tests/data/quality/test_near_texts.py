import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.data.quality.near_texts import near_texts


def text(seed: int, words: int = 60) -> str:
    return " ".join(map(str, np.random.default_rng(seed).integers(0, 5000, words)))


def test_a_text_with_a_few_words_changed_is_found() -> None:
    earlier = [text(seed) for seed in range(50)]
    changed = earlier[30].split()
    changed[20] = "another"
    assert near_texts([text(99), " ".join(changed)], earlier) == {1: 30}


def test_texts_of_the_same_words_in_another_order_are_not_near() -> None:
    assert near_texts([" ".join(reversed(text(1).split()))], [text(1)]) == {}


def test_short_and_empty_texts_are_left_out() -> None:
    assert near_texts(["", "so very good"], ["so very good", ""]) == {}
    assert near_texts([], ["a b c d e f"]) == near_texts(["a b c d e f"], []) == {}


def test_sequences_do_not_run_from_one_text_into_the_next() -> None:
    """Were they to, a text's neighbours would change what it is like."""
    words = text(7).split()
    assert near_texts([text(7)], [" ".join(words[:30]), " ".join(words[30:])]) == {}


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30, unique=True))
@settings(max_examples=20)
def test_a_text_is_always_near_its_own_copy(seeds: list[int]) -> None:
    texts = [text(seed, 20) for seed in seeds]
    assert near_texts(texts, texts) == {place: place for place in range(len(texts))}
