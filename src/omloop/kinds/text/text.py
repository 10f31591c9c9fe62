"""The input kind `text`: one text an example, counted by hashed words and pairs of words, or cut into tokens.

A text is made plain once, on its way in, for training and serving alike; see
docs/decisions/0015-texts-are-hashed-grams-first.md and docs/decisions/0022-texts-as-tokens.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    BundleError,
    Columns,
    ConfigError,
    DataError,
    Demand,
    ExampleArray,
    NumberArray,
    Pieces,
    Reader,
    TrainError,
    UnknownNameError,
    did_you_mean,
)
from omloop.kinds.batches import by_length, consecutive
from omloop.kinds.defaults import KindDefaults
from omloop.kinds.demand import text_demand
from omloop.kinds.text.corrupt import CORRUPTIONS
from omloop.kinds.text.grams import count_grams, pad_entries
from omloop.kinds.text.numbers import NUMBERS, WORDS, text_numbers
from omloop.kinds.text.pieces import pieces_of_text
from omloop.kinds.text.tokens import TOKEN_NUMBERS, TOKENIZER, token_counts, token_feeds, token_numbers
from omloop.kinds.text.wire import TextBody, as_texts

# Tokens of one run of a graph, padding included: beyond some thousands a run only takes more memory.
_RUN_TOKENS = 8192
# Characters whose tokens cost as much as beginning a run: 14 to 20 tokens with six layers of 384 (MiniLM) on a core.
_RUN_CHARACTERS = 80
# No language of ours has longer tokens on average: what lies behind so many a token is cut off, and costs nothing.
_TOKEN_CHARACTERS = 6

GLIMPSE = 300
"""Characters of a text that a person is shown."""


class Text(KindDefaults, msgspec.Struct, frozen=True):
    """One text in the field called `name`. Examples are an array of str, dtype object, shape (n,).

    A text must hold 1 to `most_characters` characters once it is plain (see `omloop.kinds.text.plain`). Runs of 1 to
    `grams` words are counted in `buckets` buckets. `keep` says whether the prediction log keeps texts or only the
    numbers that are observed in them; without the text, a prediction cannot be learned from. `refused` maps names that
    must not be sent to the reason why. Raises ConfigError for limits that nothing could meet.

    With `tokens`, a model reads so many tokens of a text at most, cut by `tokenizer`: the content of a file
    `tokenizer.json`, which the bundle carries. What is cut off is told beside the answer. See `tokenized`.
    A model that reads texts `whole` cuts them itself: it is given each as it is, or in lower case.

    >>> Text("review").parse([{"review": "Not bad<br />at all"}]).tolist()
    ['Not bad at all']
    >>> Text("review").parse([{"review": ""}])
    Traceback (most recent call last):
    ...
    omloop.InputError: rows[0].review: is empty; send a text of 1 to 20,000 characters
    """

    name: str = "text"
    most_characters: int = 20_000
    grams: int = 2
    buckets: int = 2**21
    keep: bool = True
    refused: dict[str, str] = {}
    tokens: int = 0
    tokenizer: bytes = b""
    whole: Literal["", "as it is", "lower"] = ""

    def __post_init__(self) -> None:
        if self.most_characters < 1 or self.grams < 1 or not 2 <= self.buckets <= 2**31:
            raise ConfigError(
                f"The text '{self.name}' has most_characters={self.most_characters}, grams={self.grams} and "
                f"buckets={self.buckets}; give at least 1, at least 1, and 2 to 2,147,483,648."
            )
        if self.tokens < 0 or bool(self.tokens) != bool(self.tokenizer):
            raise ConfigError(
                f"The text '{self.name}' has tokens={self.tokens} and a tokenizer of {len(self.tokenizer)} bytes; give "
                "both or neither. A model brings its own: see omloop.train.texts."
            )
        if self.name in self.refused:
            raise ConfigError(f"The text '{self.name}' is both declared and refused. Take it out of `refused`.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The name of the one field."""
        return (self.name,)

    def select(self, names: Sequence[str]) -> Text:
        """The same kind: there is one field. Raises UnknownNameError for another name."""
        for name in names:
            if name != self.name:
                raise UnknownNameError("column", name, self.fields)
        return self

    def tokenized(self, tokenizer: bytes, tokens: int) -> Self:
        """The same texts, read as at most so many tokens; `tokenizer` is the content of a `tokenizer.json`."""
        return msgspec.structs.replace(self, tokens=tokens, tokenizer=tokenizer)

    def encode(self, columns: Columns) -> NDArray[np.object_]:
        """Make the raw texts plain; shape (n,). Raises DataError that names the first bad record."""
        texts, bad = self._body.plain(self._column(columns))
        if bad:
            row, reason = next(iter(bad.items()))
            raise DataError(f"column '{self.name}', record {row + 1}: {reason}.")
        return texts

    def bad_rows(self, columns: Columns) -> NDArray[np.bool_]:
        """Which records hold no text that is accepted; shape (n,)."""
        values = self._column(columns)
        bad = np.zeros(len(values), bool)
        bad[list(self._body.plain(values)[1])] = True
        return bad

    def refusals(self, columns: Columns) -> dict[int, str]:
        """What is wrong with each such text, behind the field's name."""
        return {row: f"{self.name}: {reason}" for row, reason in self._body.plain(self._column(columns))[1].items()}

    def parse(self, rows: Sequence[object]) -> NDArray[np.object_]:
        """Turn decoded JSON objects `{name: text}` into texts; raises InputError that names the bad fields."""
        return self._body.parse(rows)

    def read(self, content: bytes, media_type: str) -> NDArray[np.object_]:
        """Turn a request's body into texts.

        JSON `{"rows": [{name: text}, ...]}`, a CSV with the one column, or one text as it is (`text/plain`). Raises
        InputError for a body that is none of these, or that holds no text.
        """
        return self._body.read(content, media_type)

    def reader(self) -> Reader:
        """`read` itself: what it costs is in the decoding."""
        read = self._body.read
        return lambda content, media_type, opened=None: (read(content, media_type), None)

    def demand(self, content: bytes, media_type: str) -> Demand:
        """So many rows, and so many bytes of text."""
        return text_demand(content, media_type)

    @property
    def media_types(self) -> tuple[str, ...]:
        """Content types that `read` understands."""
        return ("application/json", "text/plain", "text/csv")

    def render(self, examples: ExampleArray) -> list[dict[str, object]]:
        """Texts as JSON objects; `parse` of the result gives the same texts."""
        return [{self.name: str(text)} for text in examples]

    def glimpse(self, examples: ExampleArray) -> list[dict[str, object]]:
        """The first words of each text, as JSON objects."""
        return [{self.name: text if len(text) <= GLIMPSE else f"{text[: GLIMPSE - 3]}..."} for text in examples]

    @property
    def corruptions(self) -> tuple[str, ...]:
        """Typos, truncation, case, punctuation and spam."""
        return tuple(CORRUPTIONS)

    def corrupted(self, columns: Columns, name: str, strength: float, seed: int) -> Columns:
        """Raw columns whose texts went wrong; see `omloop.kinds.text.corrupt`. Raises UnknownNameError."""
        if name not in CORRUPTIONS:
            raise UnknownNameError("corruption", name, CORRUPTIONS)
        harm, chance = CORRUPTIONS[name], np.random.default_rng(seed)
        texts = [harm(text, strength, chance) if isinstance(text, str) else text for text in self._column(columns)]
        return {**columns, self.name: texts}

    def redrawn(self, columns: Columns, moved: NDArray[np.bool_], seed: int) -> Columns:
        """Raw columns in which the words of `moved` texts are written backwards: new words that mean the same."""
        texts = zip(self._column(columns), moved, strict=True)
        return {**columns, self.name: [_backwards(text) if off else text for text, off in texts]}

    def feeds(self, examples: ExampleArray) -> dict[str, NDArray[np.generic]]:
        """The graph's inputs: `grams`, int64 buckets, and `counts`, float32; both of shape (n, longest).

        Bucket 0 with count 0 fills each row up to the longest of the batch. With `tokens`, `input_ids` and
        `attention_mask`, int64 of the same shape; see `omloop.kinds.text.tokens`. Where a text is read `whole`,
        `texts`, of str and shape (n, 1).
        """
        if self.whole:
            texts = [text.lower() for text in examples] if self.whole == "lower" else list(examples)
            return {"texts": as_texts(texts)[:, None]}
        if self.tokens:
            return {**token_feeds(examples, self.tokenizer, self.tokens)}
        rows, buckets, counts = count_grams(examples, self.grams, self.buckets)
        grams, many = pad_entries(rows, buckets, counts, len(examples))
        return {"grams": grams, "counts": many}

    def batches(self, examples: ExampleArray, most: int) -> list[NDArray[np.int64]]:
        """As they come; with `tokens`, the shorter texts first, so that little padding is computed.

        The longer they may be, the fewer go together. Without `tokens`, padding costs next to nothing.
        """
        if not self.tokens:
            return consecutive(len(examples), most)
        lengths = [min(len(text), self.tokens * _TOKEN_CHARACTERS) for text in examples]
        return by_length(lengths, max(1, min(most, _RUN_TOKENS // self.tokens)), padding=_RUN_CHARACTERS)

    def matrix(self, examples: ExampleArray) -> NDArray[np.float32]:
        """A text has no matrix of features: raises TrainError that says what to train with."""
        raise TrainError(
            f"The text '{self.name}' is no row of numbers, which this model needs. Train one that reads texts, such as "
            "omloop.train.fit_bag_of_words."
        )

    def keeping(self, keep: bool) -> Self:
        """The same kind, keeping texts in the prediction log or not."""
        return msgspec.structs.replace(self, keep=keep)

    def record(self, examples: ExampleArray) -> list[dict[str, object]]:
        """The texts as JSON objects, or with `keep=False` only the numbers observed in them."""
        if self.keep:
            return self.render(examples)
        return [dict(zip(self.observed, row, strict=True)) for row in self._numbers(examples).tolist()]

    def replay(self, record: Mapping[str, object]) -> Mapping[str, object] | None:
        """The text, if it was kept."""
        return {self.name: record[self.name]} if self.name in record else None

    def recall(self, records: Sequence[Mapping[str, Any]]) -> dict[str, NumberArray]:
        """The observed numbers of recorded texts, counted again where the text itself was kept; NaN where neither was.

        A version that counts no tokens leaves none behind.
        """
        rows = np.array([[record.get(name, np.nan) for name in self.observed] for record in records], np.float64)
        rows = rows.reshape(-1, len(self.observed))
        kept = [index for index, record in enumerate(records) if self.name in record]
        rows[kept] = self._numbers([records[index][self.name] for index in kept])
        return self._by_name(rows)

    def shuffled(self, examples: ExampleArray, seed: int) -> Iterator[tuple[str, ExampleArray]]:
        """Nothing: a text has no columns to shuffle."""
        return iter(())

    def pieces(self, example: ExampleArray, others: ExampleArray) -> Pieces | None:
        """The words of a text; none stand in for those that are left out."""
        return pieces_of_text(str(example[0]))

    def observe(self, examples: ExampleArray) -> dict[str, NumberArray]:
        """Length, words, spelling habits and variety of each text; see `omloop.kinds.text.numbers`.

        With `tokens`, also how well the vocabulary fits it; see `omloop.kinds.text.tokens`.
        """
        return self._by_name(self._numbers(examples))

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the observed numbers."""
        return dict.fromkeys((*NUMBERS, *WORDS, *TOKEN_NUMBERS) if self.tokens else (*NUMBERS, *WORDS), ())

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """The shape of a text, and its words."""
        return {"shape": NUMBERS, "vocabulary": WORDS}

    @property
    def bucket(self) -> int:
        """Fifty texts."""
        return 50

    def remarks(self, examples: ExampleArray) -> list[dict[str, object]]:
        """With `tokens`, how many each text has and whether some were cut off; else nothing."""
        if not self.tokens:
            return [{}] * len(examples)
        counts = token_counts(examples, self.tokenizer)
        return [{"tokens": count, "truncated": count > self.tokens} for count in counts]

    @property
    def remarks_schema(self) -> Mapping[str, dict[str, object]]:
        """JSON schema of what `remarks` tells."""
        if not self.tokens:
            return {}
        return {
            "tokens": {"type": "integer", "minimum": 0, "description": "Tokens of the whole text."},
            "truncated": {
                "type": "boolean",
                "description": f"Whether the answer ignores what lies beyond the first {self.tokens} tokens.",
            },
        }

    def edges(self) -> NDArray[np.object_]:
        """Texts at the limits: one word, no word at all, emoji, mixed scripts, and as long as is accepted."""
        most = self.most_characters
        long, alike = ("good bad 42 " * (most // 12 + 1))[:most].strip(), ("so " * (most // 3 + 1))[:most].strip()
        texts = ["good", "?!... --", "...", "😀🎬👍🏽", "Großartig фильм 映画 فيلم good", "ALL CAPITALS", long, alike]
        return as_texts([text[:most] for text in texts])

    def schema(self) -> dict[str, Any]:
        """JSON schema of one example."""
        value: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": self.most_characters}
        if self.tokens:
            value["description"] = f"The model reads its first {self.tokens} tokens."
        return {
            "type": "object",
            "properties": {self.name: value},
            "required": [self.name],
            "additionalProperties": False,
        }

    def describe(self) -> dict[str, object]:
        """The kind as a JSON value, for a manifest."""
        described: dict[str, object] = msgspec.to_builtins(msgspec.structs.replace(self, tokens=0, tokenizer=b""))
        del described["tokenizer"]
        if not self.whole:
            del described["whole"]  # as a version of an earlier omloop describes it
        return {"kind": "text"} | described | {"tokens": self.tokens}

    @property
    def assets(self) -> Mapping[str, bytes]:
        """The tokenizer, if there is one."""
        return {TOKENIZER: self.tokenizer} if self.tokens else {}

    @classmethod
    def restore(cls, described: Mapping[str, object], files: Mapping[str, bytes]) -> Self:
        """The kind that `describe` described; raises BundleError when its tokenizer is not among the files."""
        wanted = {key: value for key, value in described.items() if key != "kind"}
        if wanted.get("tokens"):
            if not files.get(TOKENIZER):
                raise BundleError(f"The bundle holds no {TOKENIZER}, by which it reads. Package the model again.")
            wanted["tokenizer"] = files[TOKENIZER]
        return msgspec.convert(wanted, cls)

    @property
    def _body(self) -> TextBody:
        return TextBody(self.name, self.most_characters, self.refused, self.media_types)

    def _numbers(self, texts: Sequence[str] | ExampleArray) -> NDArray[np.float64]:
        """What is observed, shape (n, numbers), in the order of `observed`."""
        numbers = text_numbers(texts)
        return np.hstack([numbers, token_numbers(texts, self.tokenizer)]) if self.tokens else numbers

    def _by_name(self, numbers: NDArray[np.float64]) -> dict[str, NumberArray]:
        return dict(zip(self.observed, numbers.T, strict=True))

    def _column(self, columns: Columns) -> Sequence[object] | NDArray[np.generic]:
        if self.name not in columns:
            raise DataError(f"The column '{self.name}' is missing.{did_you_mean(self.name, columns)}")
        return columns[self.name]


def _backwards(text: object) -> object:
    return re.sub(r"\w+", lambda word: word[0][::-1], text) if isinstance(text, str) else text
