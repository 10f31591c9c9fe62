import numpy as np
import pytest

from omloop.kinds.text.numbers import NUMBERS, WORDS, text_numbers


def of(text: str) -> dict[str, float]:
    return dict(zip((*NUMBERS, *WORDS), text_numbers([text])[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("characters", "ab cd", 5),
        ("words", "It's so-so!", 4),
        ("mean_word_length", "a bcd", 2),
        ("upper_case", "ABcd 1!", 0.5),
        ("punctuation", "ab!?", 0.5),
        ("digits", "a1 2", 0.5),
        ("beyond_ascii", "aé", 0.5),
        ("type_token_ratio", "so so So bad", 0.5),
        ("unfinished", "It was so", 1),
        ("unfinished", "It was so.", 0),
        ("unfinished", "It was so (bad)", 0),
        ("unfinished", "So good 👍", 0),
    ],
)
def test_each_number_is_what_its_name_says(name: str, text: str, expected: float) -> None:
    assert of(text)[name] == expected


def test_a_text_without_letters_or_words_has_numbers_too() -> None:
    """Shares of nothing are 0, not absent."""
    assert np.isfinite(text_numbers(["😀", "...", ""])).all()


def test_no_texts_have_no_rows() -> None:
    assert text_numbers([]).shape == (0, len(NUMBERS) + len(WORDS))


def test_the_words_of_a_text_are_projected_in_any_order_and_in_any_case() -> None:
    first, second = of("Good bad good film"), of("film GOOD good, bad")
    assert [first[name] for name in WORDS] == [second[name] for name in WORDS]


def test_a_word_alone_is_a_row_of_signs_and_another_has_others() -> None:
    good, film = ([of(word)[name] for name in WORDS] for word in ("good", "film"))
    assert {abs(sign) for sign in good} == {1.0}
    assert good != film
