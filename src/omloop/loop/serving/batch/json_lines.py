"""JSON lines, block by block, from any byte on at which a line begins: each line is a row, as a request holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from omloop.core import ExampleArray, InputError, Kind, as_store_error
from omloop.kinds.json_body import read_json
from omloop.loop.serving.batch.block import Block, ReadBlock, Refusal
from omloop.loop.serving.batch.names import require_columns

HEAD_BYTES = 1 << 20
"""The bytes to search for names, and to guess the length of a row."""
LEAST_BYTES, MOST_BYTES = 1 << 9, 16 << 20


@dataclass(frozen=True)
class JsonLines:
    """One JSON object a line. Names that nobody asked for may be there; a value has its JSON type, as in a request."""

    name: str
    path: Path
    kind: Kind
    keep: Sequence[str]
    portion: int
    has_rows: ClassVar[bool] = True

    @classmethod
    def of(cls, path: Path, name: str, kind: Kind, keep: Sequence[str], rows: int) -> Self:
        """The file, in blocks of about that many rows; raises InputError if no row has a needed name."""
        with as_store_error("read", path), path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        whole = head[: head.rfind(b"\n") + 1] or head
        first = [row for row in map(_object, whole.split(b"\n")) if isinstance(row, Mapping)]
        if first:
            names = list(dict.fromkeys(name for row in first for name in row))
            require_columns(path, names, kind.schema()["required"], keep)
        return cls(
            name, path, kind, keep, max(LEAST_BYTES, min(MOST_BYTES, rows * len(whole) // (whole.count(b"\n") or 1)))
        )

    @property
    def kept_types(self) -> Mapping[str, str]:
        """All are texts."""
        return {}

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    def blocks(self, begin: int) -> Iterator[Block]:
        """Each of whole lines."""
        place = begin
        with as_store_error("read", self.path), self.path.open("rb") as file:
            file.seek(begin)
            while content := file.read(self.portion):
                content += file.readline(MOST_BYTES)
                place += len(content)
                yield Block(partial(self._read, content), place)

    def _read(self, content: bytes) -> ReadBlock:
        lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
        rows = [_object(line) for line in lines]
        problems = {place: row.reason for place, row in enumerate(rows) if isinstance(row, InputError)}
        whole = [place for place in range(len(rows)) if place not in problems]
        found = list(self._parse([(place, self._own(rows[place])) for place in whole], problems))
        places = np.array([place for place in whole if place not in problems], np.int64)
        kept = {name: [_text(rows[place].get(name)) for place in places.tolist()] for name in self.keep}
        refusals = [Refusal(place, problems[place], _given(rows[place], lines[place])) for place in sorted(problems)]
        return ReadBlock(len(rows), np.concatenate(found) if found else None, places, kept, refusals)

    def _own(self, row: Any) -> Any:
        """What the model reads of a row."""
        return {name: row[name] for name in self.kind.fields if name in row} if isinstance(row, Mapping) else row

    def _parse(self, rows: list[tuple[int, Any]], problems: dict[int, str]) -> Iterator[ExampleArray]:
        """The examples of the good rows: it halves a group with a bad one, until that is alone."""
        if not rows:
            return
        try:
            yield self.kind.parse([row for _, row in rows])
        except InputError as error:
            if len(rows) == 1:
                problems[rows[0][0]] = _told(error)
                return
            half = len(rows) // 2
            yield from self._parse(rows[:half], problems)
            yield from self._parse(rows[half:], problems)


def _object(line: bytes) -> Any:
    try:
        return read_json(line.strip())
    except InputError as error:
        return InputError(error.reason.replace("the body", "the line"))


def _told(error: InputError) -> str:
    """All faults of the one row, by field."""
    faults = [(fault.field, fault.reason) for fault in error.faults] or [(error.field, error.reason)]
    fields = [(field.removeprefix("rows[0]").lstrip("."), reason) for field, reason in faults]
    return "; ".join(f"{field}: {reason}" if field else reason for field, reason in fields)


def _given(row: Any, line: bytes) -> Mapping[str, object]:
    return row if isinstance(row, Mapping) else {"line": line[:1000].decode(errors="replace")}


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
