"""Requests for pictures: the files in a body, each with the field that a refusal names."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from omloop.core import InputError
from omloop.kinds.faults import PlaceFaults
from omloop.kinds.json_body import quote_value, read_rows
from omloop.kinds.multipart import read_multipart


class PictureBody(NamedTuple):
    """What a body may hold: pictures called `name`; `refused` maps other names to the reason why."""

    name: str
    refused: Mapping[str, str]
    media_types: Sequence[str]

    def files(self, content: bytes, media_type: str) -> list[tuple[str, bytes]]:
        """A request's files, each with the field that a refusal names."""
        plain = media_type.partition(";")[0].strip().lower()
        if plain == "application/json":
            return self.named(read_rows(content))
        if plain == "multipart/form-data":
            return self._of_form(content, media_type)
        if plain not in self.media_types:
            raise InputError(f"cannot read '{media_type:.80}'; send {' or '.join(self.media_types)}")
        return [("", content)]

    def named(self, rows: Sequence[object]) -> list[tuple[str, bytes]]:
        """The pictures of decoded JSON objects; raises InputError that names every fault."""
        faults, files = PlaceFaults(), list[tuple[str, bytes]]()
        for index, row in enumerate(rows):
            where = f"rows[{index}].{self.name}"
            if not isinstance(row, Mapping):
                faults.add(f"rows[{index}]", InputError(f'must be an object, {{"{self.name}": base64}}'))
                continue
            for name in row:
                if name != self.name:
                    faults.add(f"rows[{index}].{name!s:.80}", InputError(self._unknown(str(name))))
            if self.name not in row:
                faults.add(where, InputError("is missing; send a picture as base64"))
                continue
            with faults.at(where):
                files.append((where, from_base64(row[self.name])))
        faults.require_none()
        return files

    def _of_form(self, content: bytes, media_type: str) -> list[tuple[str, bytes]]:
        parts, faults = read_multipart(content, media_type), PlaceFaults()
        for index, (name, _) in enumerate(parts):
            if name != self.name:
                faults.add(f"rows[{index}].{name:.80}", InputError(self._unknown(name)))
        faults.require_none()
        if not parts:
            raise InputError(f"the form holds no file; send at least one as '{self.name}'", self.name)
        return [(f"rows[{index}].{self.name}", file) for index, (_, file) in enumerate(parts)]

    def _unknown(self, name: str) -> str:
        if name in self.refused:
            return f"is not a feature: {self.refused[name]}"
        return f"is not a field of this model; send '{self.name}'"


def from_base64(value: object) -> bytes:
    """The bytes that a text spells, also behind the beginning of a `data:` address, as browsers write it."""
    if not isinstance(value, str):
        raise InputError(f"must be a text, a picture as base64, but it is {quote_value(value)}")
    text = value.partition(",")[2] if value.startswith("data:") else value
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("is not base64; encode the file's bytes as base64, without line breaks") from error
