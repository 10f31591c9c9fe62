"""The input kind `text`: one text an example, counted by hashed words and pairs of words.

A text is made plain once, on its way in, for training and serving alike; see
docs/decisions/0015-texts-are-hashed-grams-first.md.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle.grams import count_grams, padded
from omloop.bundle.plain import plain
from omloop.bundle.text_numbers import NUMBERS, text_numbers
from omloop.core import Columns, ConfigError, DataError, InputError, TrainError, UnknownNameError, did_you_mean

_HALF = re.compile("[\ud800-\udfff]")


class Text(msgspec.Struct, frozen=True):
    """One text in the field called `name`. Examples are an array of str, dtype object, shape (n,).

    A text must hold 1 to `most_characters` characters once it is plain (see `omloop.bundle.plain`). Runs of 1 to
    `grams` words are counted in `buckets` buckets. `keep` says whether the prediction log keeps texts or only the
    numbers that are observed in them; without the text, a prediction cannot be learned from. `refused` maps names that
    must not be sent to the reason why. Raises ConfigError for limits that nothing could meet.

    >>> Text("review").parse([{"review": "Not bad<br />at all"}]).tolist()
    ['Not bad at all']
    >>> Text("review").parse([{"review": ""}])
    Traceback (most recent call last):
    ...
    omloop.core._errors.InputError: rows[0].review: is empty; send a text of 1 to 20,000 characters
    """

    name: str = "text"
    most_characters: int = 20_000
    grams: int = 2
    buckets: int = 2**21
    keep: bool = True
    refused: dict[str, str] = {}

    def __post_init__(self) -> None:
        if self.most_characters < 1 or self.grams < 1 or not 2 <= self.buckets <= 2**31:
            raise ConfigError(
                f"The text '{self.name}' has most_characters={self.most_characters}, grams={self.grams} and "
                f"buckets={self.buckets}; give at least 1, at least 1, and 2 to 2,147,483,648."
            )
        if self.name in self.refused:
            raise ConfigError(f"The text '{self.name}' is both declared and refused. Take it out of `refused`.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The name of the one field."""
        return (self.name,)

    @property
    def accepts(self) -> str:
        """What is accepted, in words."""
        return f"a text of 1 to {self.most_characters:,} characters"

    def select(self, names: Sequence[str]) -> "Text":
        """The same kind: there is one field. Raises UnknownNameError for another name."""
        for name in names:
            if name != self.name:
                raise UnknownNameError("column", name, self.fields)
        return self

    def encode(self, columns: Columns) -> NDArray[np.object_]:
        """Make the raw texts plain; shape (n,). Raises DataError that names the first bad record."""
        texts, bad = self._plain(self._column(columns))
        if bad:
            row, reason = next(iter(bad.items()))
            raise DataError(f"column '{self.name}', record {row + 1}: {reason}.")
        return texts

    def bad_rows(self, columns: Columns) -> NDArray[np.bool_]:
        """Which records hold no text that is accepted; shape (n,)."""
        values = self._column(columns)
        bad = np.zeros(len(values), bool)
        bad[list(self._plain(values)[1])] = True
        return bad

    def parse(self, rows: Sequence[object]) -> NDArray[np.object_]:
        """Turn decoded JSON objects `{name: text}` into texts; raises InputError that names the first bad field."""
        values = []
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                raise InputError(f'must be an object with one text, {{"{self.name}": "..."}}', f"rows[{index}]")
            if row.keys() != {self.name}:
                self._explain_names(row, index)
            values.append(row[self.name])
        texts, bad = self._plain(values)
        if bad:
            index, reason = next(iter(bad.items()))
            raise InputError(reason, f"rows[{index}].{self.name}")
        return texts

    def read(self, content: bytes, media_type: str) -> NDArray[np.object_]:
        """Turn a request's body into texts.

        JSON `{"rows": [{name: text}, ...]}`, a CSV with the one column, or one text as it is (`text/plain`). Raises
        InputError for a body that is none of these, or that holds no text.
        """
        plain_type = media_type.partition(";")[0].strip().lower()
        if plain_type not in self.media_types:
            raise InputError(f"cannot read '{media_type}'; send {' or '.join(self.media_types)}")
        if plain_type == "text/plain":
            return self.parse([{self.name: _decoded(content)}])
        if plain_type == "text/csv":
            return self.parse(self._csv_rows(_decoded(content)))
        try:
            body = msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise InputError(f"the body is not valid JSON: {error}") from error
        if not isinstance(body, dict) or set(body) != {"rows"} or not isinstance(body["rows"], list):
            raise InputError('the body must be an object with one key, {"rows": [...]}')
        if not body["rows"]:
            raise InputError("send at least one row", "rows")
        return self.parse(body["rows"])

    @property
    def media_types(self) -> tuple[str, ...]:
        """Content types that `read` understands."""
        return ("application/json", "text/plain", "text/csv")

    def render(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """Texts as JSON objects; `parse` of the result gives the same texts."""
        return [{self.name: str(text)} for text in examples]

    def feeds(self, examples: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The graph's inputs: `grams`, int64 buckets, and `counts`, float32; both of shape (n, longest).

        Bucket 0 with count 0 fills each row up to the longest of the batch.
        """
        rows, buckets, counts = count_grams(examples, self.grams, self.buckets)
        grams, many = padded(rows, buckets, counts, len(examples))
        return {"grams": grams, "counts": many}

    def matrix(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """A text has no matrix of features: raises TrainError that says what to train with."""
        raise TrainError(
            f"The text '{self.name}' is no row of numbers, which this model needs. Train one that reads texts, such as "
            "omloop.train.fit_bag_of_words."
        )

    def record(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """The texts as JSON objects, or with `keep=False` only the numbers observed in them."""
        if self.keep:
            return self.render(examples)
        return [dict(zip(NUMBERS, row, strict=True)) for row in text_numbers(examples).tolist()]

    def replay(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The text, if it was kept."""
        return {self.name: record[self.name]} if self.name in record else None

    def recall(self, records: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
        """The observed numbers of recorded texts, counted again where the text itself was kept."""
        rows = [
            text_numbers([record[self.name]])[0] if self.name in record else [record[name] for name in NUMBERS]
            for record in records
        ]
        return _by_name(np.array(rows, np.float64).reshape(-1, len(NUMBERS)))

    def shuffled(self, examples: NDArray[Any], seed: int) -> Iterator[tuple[str, NDArray[Any]]]:
        """Nothing: a text has no columns to shuffle."""
        return iter(())

    def observe(self, examples: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Length, words, spelling habits and variety of each text; see `omloop.bundle.text_numbers`."""
        return _by_name(text_numbers(examples))

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the observed numbers."""
        return dict.fromkeys(NUMBERS, ())

    def edges(self) -> NDArray[np.object_]:
        """Texts at the limits: one word, no word at all, emoji, mixed scripts, and as long as is accepted."""
        most = self.most_characters
        long, alike = ("good bad 42 " * (most // 12 + 1))[:most].strip(), ("so " * (most // 3 + 1))[:most].strip()
        texts = ["good", "?!... --", "...", "😀🎬👍🏽", "Großartig фильм 映画 فيلم good", "ALL CAPITALS", long, alike]
        return _texts([text[:most] for text in texts])

    def schema(self) -> dict[str, Any]:
        """JSON schema of one example."""
        value = {"type": "string", "minLength": 1, "maxLength": self.most_characters}
        return {
            "type": "object",
            "properties": {self.name: value},
            "required": [self.name],
            "additionalProperties": False,
        }

    def describe(self) -> dict[str, Any]:
        """The kind as a JSON value, for a manifest."""
        described: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return {"kind": "text"} | described

    @classmethod
    def restore(cls, described: Mapping[str, Any]) -> Self:
        """The kind that `describe` described."""
        return msgspec.convert({key: value for key, value in described.items() if key != "kind"}, cls)

    def _column(self, columns: Columns) -> Sequence[Any] | NDArray[Any]:
        if self.name not in columns:
            raise DataError(f"The column '{self.name}' is missing.{did_you_mean(self.name, columns)}")
        return columns[self.name]

    def _plain(self, values: Iterable[Any]) -> tuple[NDArray[np.object_], dict[int, str]]:
        """The plain texts, shape (n,), and why each bad one is refused, by row; a bad one is an empty text."""
        texts, bad = [], {}
        for row, value in enumerate(values):
            text, reason = self._accepted(value)
            texts.append(text)
            if reason:
                bad[row] = reason
        return _texts(texts), bad

    def _accepted(self, value: object) -> tuple[str, str]:
        if not isinstance(value, str):
            return "", f"{value!r:.40} is not a text; send {self.accepts}"
        if len(value) > self.most_characters:
            return "", f"has {len(value):,} characters; send {self.accepts}"
        if _HALF.search(value):
            return "", "holds half of a surrogate pair, which is no character; send well-formed Unicode"
        text = plain(value)
        if not text:
            return "", f"is empty; send {self.accepts}"
        # Normalising can lengthen a text by a few characters.
        return (text, "") if len(text) <= self.most_characters else ("", f"is too long; send {self.accepts}")

    def _csv_rows(self, content: str) -> list[dict[str, str]]:
        try:
            lines = [line for line in csv.reader(io.StringIO(content, newline=""), strict=True) if line]
        except csv.Error as error:
            raise InputError(f"the CSV cannot be read: {error}") from error
        if len(lines) < 2:
            raise InputError("the CSV holds no row; send a header line and at least one row")
        if lines[0] != [self.name]:
            if len(set(lines[0])) == len(lines[0]):
                self._explain_names(dict.fromkeys(lines[0]), 0)
            raise InputError(f"the CSV's header must be the one column '{self.name}'")
        for index, line in enumerate(lines[1:]):
            if len(line) != 1:
                raise InputError(f"has {len(line)} fields; quote a text that holds a comma", f"rows[{index}]")
        return [{self.name: line[0]} for line in lines[1:]]

    def _explain_names(self, row: Mapping[Any, Any], index: int) -> None:
        for name in row:
            if name in self.refused:
                raise InputError(f"is not a feature: {self.refused[name]}", f"rows[{index}].{name}")
            if name != self.name:
                near = did_you_mean(str(name), self.fields)
                raise InputError(f"is not a column of this model.{near}", f"rows[{index}].{name}")
        raise InputError(f"is missing; send {self.accepts}", f"rows[{index}].{self.name}")


def _texts(values: Sequence[str]) -> NDArray[np.object_]:
    return np.array([*values, None], object)[:-1]


def _by_name(numbers: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    return {name: numbers[:, index] for index, name in enumerate(NUMBERS)}


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the body is not UTF-8 (byte {error.start}); send it as UTF-8") from error
