import numpy as np
import pytest

from omloop.core import UnknownNameError
from omloop.kinds import Text
from omloop.kinds.text.corrupt import CORRUPTIONS, SPAM

KIND = Text("review")
REVIEW = "The film, for all its length, was good; I shall see it again. " * 10
HARMS = {
    "typos": lambda text: sum(word not in REVIEW.split() for word in text.split()),
    "truncation": lambda text: len(REVIEW) - len(text),
    "case": lambda text: sum(letter.isupper() for letter in text),
    "punctuation": lambda text: -sum(text.count(mark) for mark in ",;."),
    "spam": lambda text: text.count(SPAM),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_does_more_harm_the_stronger_it_is(name):
    harm = [HARMS[name](CORRUPTIONS[name](REVIEW, s, np.random.default_rng(0))) for s in (0.0, 0.2, 0.6, 1.0)]
    assert harm == sorted(harm) and harm[0] < harm[1] < harm[3]


def test_the_kind_spoils_its_own_field_and_no_other():
    spoilt = KIND.corrupted({"review": [REVIEW, None], "stars": [5, 1]}, "truncation", 1.0, seed=0)
    assert 30 < len(spoilt["review"][0]) < 33 and spoilt["review"][1] is None and spoilt["stars"] == [5, 1]
    with pytest.raises(UnknownNameError, match="Did you mean 'typos'"):
        KIND.corrupted({"review": [REVIEW]}, "typo", 1.0, seed=0)


def test_no_text_is_cut_to_nothing():
    assert KIND.corrupted({"review": ["a"]}, "truncation", 1.0, seed=0)["review"] == ["a"]


def test_a_glimpse_is_the_first_words():
    assert KIND.glimpse(KIND.encode({"review": ["short"]})) == [{"review": "short"}]
    (glimpse,) = KIND.glimpse(KIND.encode({"review": [REVIEW]}))
    assert len(glimpse["review"]) == 300 and glimpse["review"].endswith("...")
