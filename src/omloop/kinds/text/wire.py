"""Requests for texts: JSON objects, lines of CSV or one plain text, and all that is wrong with them, by row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omloop.core import InputError, did_you_mean
from omloop.kinds.csv_body import csv_lines
from omloop.kinds.faults import RowFaults
from omloop.kinds.json_body import quote_value, read_rows
from omloop.kinds.text.plain import plain

_FINE = "-"  # stands for a text that is not there, which is a fault of its own; no longer than any limit
_HALF = re.compile("[\ud800-\udfff]")


class TextBody(NamedTuple):
    """What a body may hold: texts of 1 to `most_characters`, called `name`; `refused` maps other names to why."""

    name: str
    most_characters: int
    refused: Mapping[str, str]
    media_types: Sequence[str]

    @property
    def accepts(self) -> str:
        """What the kind accepts, in words."""
        return f"a text of 1 to {self.most_characters:,} characters"

    def read(self, content: bytes, media_type: str) -> NDArray[np.object_]:
        """A body's texts, shape (n,); raises InputError for one of another form, or without a text."""
        plain_type = media_type.partition(";")[0].strip().lower()
        if plain_type not in self.media_types:
            raise InputError(f"cannot read '{media_type}'; send {' or '.join(self.media_types)}")
        if plain_type == "text/plain":
            return self.parse([{self.name: _decoded(content)}])
        if plain_type == "text/csv":
            return self.parse(self._csv_rows(_decoded(content)))
        return self.parse(read_rows(content))

    def parse(self, rows: Sequence[object]) -> NDArray[np.object_]:
        """The texts of decoded JSON objects `{name: text}`, shape (n,); raises InputError that names the bad fields."""
        faults, values = RowFaults(), []
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                faults.add(index, "", f'must be an object with one text, {{"{self.name}": "..."}}')
            elif row.keys() != {self.name}:
                self._explain_names(row, index, faults)
            values.append(row[self.name] if isinstance(row, Mapping) and self.name in row else _FINE)
        texts, bad = self.plain(values)
        for index, reason in bad.items():
            faults.add(index, self.name, reason)
        faults.require_none()
        return texts

    def plain(self, values: Iterable[object]) -> tuple[NDArray[np.object_], dict[int, str]]:
        """The plain texts, shape (n,), and the fault of each bad one, by row; a bad one becomes an empty text."""
        texts, bad = [], {}
        for row, value in enumerate(values):
            text, reason = self._accepted(value)
            texts.append(text)
            if reason:
                bad[row] = reason
        return as_texts(texts), bad

    def _accepted(self, value: object) -> tuple[str, str]:
        if not isinstance(value, str):
            return "", f"{quote_value(value)} is not a text; send {self.accepts}"
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
        lines, faults = csv_lines(content), RowFaults()
        if lines[0] != [self.name]:
            if len(set(lines[0])) == len(lines[0]):
                self._explain_names(dict.fromkeys(lines[0]), 0, faults)
            faults.require_none()
            raise InputError(f"the CSV's header must be the one column '{self.name}'")
        for index, line in enumerate(lines[1:]):
            if len(line) != 1:
                faults.add(index, "", f"has {len(line)} fields; quote a text that holds a comma")
        faults.require_none()
        return [{self.name: line[0]} for line in lines[1:]]

    def _explain_names(self, row: Mapping[object, object], index: int, faults: RowFaults) -> None:
        for name in row:
            if name != self.name:
                faults.add(index, f"{name!s:.80}", partial(self._unknown, str(name)))
        if self.name not in row:
            faults.add(index, self.name, f"is missing; send {self.accepts}")

    def _unknown(self, name: str) -> str:
        if name in self.refused:
            return f"is not a feature: {self.refused[name]}"
        return f"is not a column of this model.{did_you_mean(name, [self.name])}"


def as_texts(values: Sequence[str]) -> NDArray[np.object_]:
    """An array of dtype object, shape (n,), of plain texts."""
    return np.array([*values, None], object)[:-1]


def _decoded(content: bytes) -> str:
    if (zero := content.find(b"\0")) >= 0:  # valid in UTF-8, but a sign of UTF-16 or of no text at all
        raise InputError(f"the body holds a zero byte (byte {zero}); send a text, as UTF-8") from ValueError("no text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the body is not UTF-8 (byte {error.start}); send it as UTF-8") from error
