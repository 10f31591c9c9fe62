"""Rows as a user has them, as the body of a request: records, data frames, pictures and texts."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from omloop.core import Facts, InputError


@dataclass(frozen=True, repr=False)
class PredictResult(Facts, Sequence[dict[str, Any]]):
    """The answers of a version, one a row, as `POST /v1/predict` gives them; `problems` by row where rows were bad."""

    version: str
    predictions: tuple[dict[str, Any], ...]
    problems: Mapping[int, str] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Who answered, and the first answer."""
        first = self.predictions[0] if self.predictions else None
        return {"version": self.version, "rows": len(self), "first": first, "problems": len(self.problems) or None}

    def __len__(self) -> int:
        return len(self.predictions)

    def __getitem__(self, row: Any) -> Any:
        return self.predictions[row]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.predictions)


def body_of(rows: Any, fields: Sequence[str]) -> bytes:
    """A JSON body of `rows`, for a kind that reads `fields`.

    `rows` are mappings by column, or a single one. They may be a data frame of pandas or polars; its absent values are
    NaN, NaT or null. A kind with one field also takes that field's values: texts or pictures. Pictures are paths,
    bytes, arrays (uint8 of shape (h, w) or (h, w, 3)) or Pillow's images. Raises InputError for anything else.
    """
    return orjson.dumps({"rows": [_plain(row, fields) for row in _each(rows)]}, option=orjson.OPT_SERIALIZE_NUMPY)


def _each(rows: Any) -> Iterable[Any]:
    if hasattr(rows, "to_dicts"):  # polars
        return list(rows.to_dicts())
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # pandas
        return list(rows.to_dict("records"))
    if isinstance(rows, (Mapping, str, bytes, Path)) or _is_picture(rows):
        return [rows]
    try:
        return list(rows)
    except TypeError as error:
        told = "rows are mappings by column, a data frame, or a list of texts or pictures"
        raise InputError(f"{told}; given: {type(rows).__name__}", "rows") from error


def _plain(row: Any, fields: Sequence[str]) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return {str(name): _value(value) for name, value in row.items()}
    if len(fields) != 1:
        raise InputError(f"a row is a mapping with {', '.join(fields)}; given: {type(row).__name__}", "rows")
    return {fields[0]: _value(row)}


def _value(value: Any) -> Any:
    """A value as JSON has it; one that is not equal to itself, such as NaN, is absent."""
    if isinstance(value, Path):
        value = value.read_bytes()
    if _is_picture(value):
        value = _encoded(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str):
        return value
    try:
        return None if bool(value != value) else value  # noqa: PLR0124  NaN, NaT
    except TypeError:  # pandas' NA, which is neither
        return None


def _is_picture(value: Any) -> bool:
    return hasattr(value, "save") or (
        isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.ndim in (2, 3)
    )


def _encoded(picture: Any) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    (Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture).save(written, "PNG")
    return written.getvalue()
