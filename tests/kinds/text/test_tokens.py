"""Texts as tokens: cut at a limit, told of what is cut off, and carried by the bundle."""

import builtins
import json
from typing import Any

import numpy as np
import pytest

from omloop.bundle import KINDS
from omloop.core import BundleError, ConfigError, MissingExtraError
from omloop.kinds import Text

pytest.importorskip("tokenizers")
from omloop.kinds.text.tokens import TOKEN_NUMBERS, _loaded
from omloop.testing.encoders import tiny_tokenizer

WORDS = "the film is good bad long and was a fine one"
TOKENIZER = tiny_tokenizer([WORDS] * 20)
KIND = Text("review").tokenized(TOKENIZER, 6)


def read(*texts: str, kind: Text = KIND) -> dict[str, Any]:
    return kind.feeds(kind.parse([{"review": text} for text in texts]))


def test_texts_are_fed_as_tokens_as_wide_as_the_longest() -> None:
    feeds = read("good", "the film is good")
    assert {name: (feed.dtype, feed.shape) for name, feed in feeds.items()} == {
        "input_ids": (np.int64, (2, 6)),
        "attention_mask": (np.int64, (2, 6)),
    }
    assert feeds["attention_mask"].sum(axis=1).tolist() == [3, 6]
    assert (feeds["input_ids"][0, 3:] == 0).all()


def test_a_long_text_is_cut_between_its_marks() -> None:
    """The mark at the end stays: an encoder was never trained without."""
    (ids,) = read("the film is good and long and bad")["input_ids"]
    assert len(ids) == 6
    assert (ids[0], ids[-1]) == (2, 3)


def test_what_is_cut_off_is_remarked() -> None:
    examples = KIND.parse([{"review": "good"}, {"review": "the film is good"}, {"review": "the film is good and bad"}])
    assert KIND.remarks(examples) == [
        {"tokens": 3, "truncated": False},
        {"tokens": 6, "truncated": False},
        {"tokens": 8, "truncated": True},
    ]
    assert set(KIND.remarks_schema) == {"tokens", "truncated"}


def test_counted_words_are_never_cut_off_and_nothing_is_remarked() -> None:
    kind = Text("review")
    assert kind.remarks(kind.edges()) == [{}] * len(kind.edges())
    assert kind.remarks_schema == {}


def test_rows_are_read_alike_alone_and_together() -> None:
    together = read("good", "the film is long and bad")
    alone = read("good")
    np.testing.assert_array_equal(together["input_ids"][:1, :3], alone["input_ids"])


def test_words_beyond_the_vocabulary_are_observed() -> None:
    observed = KIND.observe(KIND.parse([{"review": "good film"}, {"review": "good 映画"}]))
    assert observed["unknown_tokens"][0] == 0 < observed["unknown_tokens"][1]
    assert observed["pieces_per_word"].tolist()[0] == 1
    assert observed["tokens"].tolist()[0] == 4
    assert list(observed) == list(KIND.observed)
    assert list(observed)[-3:] == list(TOKEN_NUMBERS)


def test_recorded_texts_are_observed_as_the_texts_were() -> None:
    for kind in (KIND, Text("review", keep=False).tokenized(TOKENIZER, 6)):
        examples = kind.edges()
        for name, values in kind.recall(kind.record(examples)).items():
            np.testing.assert_array_equal(values, kind.observe(examples)[name])


def test_what_another_version_recorded_without_its_text_counts_no_tokens() -> None:
    """A champion that counts words left records behind, which one that reads tokens looks at."""
    recorded = Text("review", keep=False).record(KIND.edges())
    seen = KIND.recall(recorded)
    assert np.isnan(seen["unknown_tokens"]).all()
    assert not np.isnan(seen["words"]).any()


def test_every_edge_is_read() -> None:
    for kind in (KIND, Text("review").tokenized(TOKENIZER, 2)):
        feeds = kind.feeds(kind.edges())
        assert (feeds["attention_mask"].sum(axis=1) >= 1).all()


def test_short_texts_run_together_and_fewer_of_them_the_more_tokens_they_may_have() -> None:
    examples = KIND.parse([{"review": text} for text in ("the film is good", "a", "bad film", "fine")])
    assert [batch.tolist() for batch in KIND.batches(examples, 2)] == [[1, 3], [2, 0]]
    long = Text("review").tokenized(TOKENIZER, 4096)
    assert max(map(len, long.batches(np.repeat(examples, 20), 512))) == 2


def test_a_long_text_among_short_ones_is_not_paid_for_by_all() -> None:
    """What a graph computes grows with the cells that it is fed: nearly all of them are tokens."""
    kind = Text("review").tokenized(TOKENIZER, 128)
    examples = kind.parse([{"review": text} for text in ("good film", WORDS * 20, "a bad one", WORDS * 3, "so fine")])
    masks = [kind.feeds(examples[rows])["attention_mask"] for rows in kind.batches(examples, 512)]
    assert sum(mask.size for mask in masks) < 1.1 * sum(mask.sum() for mask in masks)
    assert kind.feeds(examples)["attention_mask"].mean() < 0.5, "and would not be in one run"


def test_texts_that_are_cut_off_run_together() -> None:
    """However much longer one is: what lies behind the cut is not computed."""
    examples = KIND.parse([{"review": WORDS * times} for times in (1, 5, 30)])
    assert [len(rows) for rows in KIND.batches(examples, 512)] == [3]


def test_the_tokenizer_is_an_asset_and_no_part_of_the_description() -> None:
    described = json.loads(json.dumps(KIND.describe()))
    assert described["tokens"] == 6 and "tokenizer" not in described
    assert dict(KIND.assets) == {"tokenizer.json": TOKENIZER}
    assert KINDS.load(described["kind"]).restore(described, KIND.assets) == KIND
    assert not Text("review").assets


def test_a_bundle_without_its_tokenizer_is_refused() -> None:
    with pytest.raises(BundleError, match=r"holds no tokenizer\.json"):
        Text.restore(KIND.describe(), {})


def test_a_file_that_is_no_tokenizer_is_refused() -> None:
    kind = Text("review").tokenized(b"{}", 6)
    with pytest.raises(BundleError, match=r"tokenizer\.json is no tokenizer"):
        kind.feeds(KIND.edges())


@pytest.mark.parametrize(("tokens", "tokenizer"), [(6, b""), (0, TOKENIZER), (-1, TOKENIZER)])
def test_tokens_and_a_tokenizer_belong_together(tokens: int, tokenizer: bytes) -> None:
    with pytest.raises(ConfigError, match="give both or neither"):
        Text("review", tokens=tokens, tokenizer=tokenizer)


def test_a_cut_and_a_padding_in_the_file_do_not_count() -> None:
    """Files on hubs carry those of their own training."""
    from tokenizers import Tokenizer

    other = Tokenizer.from_buffer(TOKENIZER)
    other.enable_truncation(4)
    other.enable_padding(length=64, pad_id=0, pad_token="[PAD]")  # noqa: S106
    kind = Text("review").tokenized(other.to_str().encode(), 6)
    examples = kind.parse([{"review": "the film is good and bad"}])
    assert kind.feeds(examples)["input_ids"].shape == (1, 6)
    assert kind.remarks(examples) == KIND.remarks(examples)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **options: Any) -> Any:
        if name == "tokenizers":
            raise ModuleNotFoundError("No module named 'tokenizers'", name="tokenizers")
        return real(name, *rest, **options)

    _loaded.cache_clear()
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"Reading texts as tokens needs 'tokenizers'.*\[text\]"):
        read("good")
