"""A text as tokens, cut by the tokenizer that a bundle carries: JSON of the library `tokenizers`, and no code."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import BundleError, explain_missing

TOKENIZER = "tokenizer.json"
"""The bundle's file that holds the tokenizer."""
TOKEN_NUMBERS = (
    "tokens",  # of the whole text, what is cut off and the marks at its ends included
    "unknown_tokens",  # share of the text's own tokens that stand for something the vocabulary does not have
    "pieces_per_word",  # tokens by words: 1 where the vocabulary has every word; 0 without a word
)
"""The names of the numbers that `token_numbers` gives, in order."""


def token_feeds(texts: Iterable[str], tokenizer: bytes, most: int) -> dict[str, NDArray[np.int64]]:
    """The first tokens of each text, at most `most`, as `input_ids` and `attention_mask`.

    Both are int64 of shape (n, longest of these texts); the mask is 0 for padding. A text without a token gets one
    padding token, so that no row is empty.
    """
    encoded = [encoding.ids for encoding in _encoded(texts, tokenizer, most)]
    filling = _filling(tokenizer)
    rows = [ids or [filling] for ids in encoded]
    shape = (len(rows), max(map(len, rows), default=1))
    tokens, mask = np.full(shape, filling, np.int64), np.zeros(shape, np.int64)
    for row, ids in enumerate(rows):
        tokens[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
    return {"input_ids": tokens, "attention_mask": mask}


def token_counts(texts: Iterable[str], tokenizer: bytes) -> list[int]:
    """How many tokens each whole text has, the marks at its ends included."""
    return [len(encoding.ids) for encoding in _encoded(texts, tokenizer)]


def token_numbers(texts: Iterable[str], tokenizer: bytes) -> NDArray[np.float64]:
    """The numbers called `TOKEN_NUMBERS` of each whole text; shape (n, 3)."""
    unknown = _unknown(tokenizer)
    # The fast way does not say which word a token is from.
    encoded = _loaded(tokenizer, 0).encode_batch([str(text) for text in texts])
    rows = [_numbers(encoding, unknown) for encoding in encoded]
    return np.array(rows, np.float64).reshape(-1, len(TOKEN_NUMBERS))


def _numbers(encoding: Any, unknown: int | None) -> tuple[float, ...]:
    # A mark at the end of a text belongs to no word.
    words = [word for word in encoding.word_ids if word is not None]
    strange = sum(token == unknown for token in encoding.ids)
    return len(encoding.ids), strange / max(1, len(words)), len(words) / max(1, len(set(words)))


def _encoded(texts: Iterable[str], tokenizer: bytes, most: int = 0) -> list[Any]:
    found: list[Any] = _loaded(tokenizer, most).encode_batch_fast([str(text) for text in texts])
    return found


@lru_cache(maxsize=16)
def _loaded(tokenizer: bytes, most: int) -> Any:
    """The tokenizer that cuts a text after `most` tokens, or never; safe to use from several threads."""
    with explain_missing("Reading texts as tokens"):
        from tokenizers import Tokenizer
    try:
        loaded = Tokenizer.from_buffer(tokenizer)
    except Exception as error:  # the library raises a bare Exception
        raise BundleError(f"{TOKENIZER} is no tokenizer: {error}. Package the model again.") from error
    # Files on hubs carry a cut and a padding of their own.
    loaded.no_padding()
    loaded.no_truncation()
    if most:
        loaded.enable_truncation(most)
    return loaded


@lru_cache(maxsize=16)
def _filling(tokenizer: bytes) -> int:
    """The token that fills rows up, which the mask hides: the tokenizer's own, or the first."""
    described = msgspec.json.decode(tokenizer)
    added = {token["content"]: token["id"] for token in described.get("added_tokens") or ()}
    padding = described.get("padding") or {}
    return int(padding.get("pad_id", added.get("[PAD]", added.get("<pad>", 0))))


@lru_cache(maxsize=16)
def _unknown(tokenizer: bytes) -> int | None:
    """The token for words outside the vocabulary, or None."""
    model = msgspec.json.decode(tokenizer).get("model") or {}
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    found: int | None = _loaded(tokenizer, 0).token_to_id(model["unk_token"]) if model.get("unk_token") else None
    return found
