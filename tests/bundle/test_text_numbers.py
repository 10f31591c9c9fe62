import numpy as np
import pytest

from omloop.bundle.text_numbers import NUMBERS, text_numbers


def of(text: str) -> dict[str, float]:
    return dict(zip(NUMBERS, text_numbers([text])[0].tolist(), strict=True))


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
    ],
)
def test_each_number_is_what_its_name_says(name: str, text: str, expected: float) -> None:
    assert of(text)[name] == expected


def test_a_text_without_letters_or_words_has_numbers_too() -> None:
    """Shares of nothing are 0, not absent."""
    assert np.isfinite(text_numbers(["😀", "...", ""])).all()


def test_no_texts_have_no_rows() -> None:
    assert text_numbers([]).shape == (0, len(NUMBERS))
