"""Examples as a user has them, as raw record columns: data frames, records, arrays, texts, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError

What = Literal["table", "text", "image"]
FORMS = (
    "Give a data frame of pandas or polars, a list of dicts, an array of shape (n, columns), a list of texts, or an "
    "array or a list of pictures"
)


@dataclass(frozen=True)
class GivenExamples:
    """Examples by raw record column, all of one length, and what they are examples of.

    `named` says whether their columns came with names. `frame` makes such a thing as they came in of columns, None for
    an array; `given` is what came.
    """

    what: What
    columns: Mapping[str, Any]
    given: Any
    named: bool = False
    frame: Any = None

    @property
    def single(self) -> bool:
        """Whether its numbers that are no integers are float32."""
        if self.what != "table":
            return False
        types = getattr(self.given, "dtypes", None)
        types = [getattr(self.given, "dtype", "")] if types is None else types
        floats = {str(one).lower() for one in types if str(one).lower().startswith("float")}
        return floats == {"float32"}

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def examples_of(examples: Any, names: Sequence[str] | None) -> GivenExamples:
    """The examples by column; `names` are those of an array's columns.

    Raises DataError for what are no examples.
    """
    if hasattr(examples, "detach"):  # a tensor of torch
        examples = examples.detach().cpu().numpy()
    if _is_series(examples):
        name = str(getattr(examples, "name", None) or "text")
        return _of_values(list(examples), examples, name)
    if hasattr(examples, "columns") and hasattr(examples, "to_dict"):  # of pandas or polars
        columns = {str(name): plain_values(examples[name]) for name in examples.columns}
        return GivenExamples("table", columns, examples, named=True, frame=type(examples))
    if isinstance(examples, Mapping):
        return GivenExamples("table", {str(k): plain_values(v) for k, v in examples.items()}, examples, named=True)
    if isinstance(examples, np.ndarray):
        return _of_array(examples, names)
    if isinstance(examples, Sequence) and not isinstance(examples, str | bytes) and len(examples):
        return _of_values(list(examples), examples, "text", names)
    raise DataError(f"{_kind(examples)} holds no examples. {FORMS}.")


def plain_values(column: Any) -> list[Any]:
    """The values of a column as Python has them; None for what is absent: NaN, NaT, pandas' NA.

    >>> plain_values(np.array([1.5, np.nan]))
    [1.5, None]
    """
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, str):
        return value
    try:
        return None if bool(value != value) else value  # noqa: PLR0124  NaN, NaT
    except (TypeError, ValueError):  # pandas' NA is neither; an array is many
        return None if type(value).__name__ == "NAType" else value


def _is_series(examples: Any) -> bool:
    return not isinstance(examples, np.ndarray) and type(examples).__name__ == "Series" and hasattr(examples, "dtype")


def _of_array(examples: NDArray[Any], names: Sequence[str] | None) -> GivenExamples:
    if examples.ndim == 1 and examples.dtype.kind in "UO" and len(examples):
        return _of_values(examples.tolist(), examples, "text", names)
    if examples.ndim == 2:
        called = list(names) if names is not None else [f"x{place}" for place in range(examples.shape[1])]
        if len(called) != examples.shape[1]:
            raise DataError(f"The examples have {examples.shape[1]} columns, and `names` has {len(called)} names.")
        columns = {str(name): plain_values(examples[:, place]) for place, name in enumerate(called)}
        return GivenExamples("table", columns, examples, named=names is not None)
    if examples.ndim in (3, 4) and len(examples):
        last = examples.ndim == 4 and examples.shape[1] in (1, 3) and examples.shape[3] not in (1, 3, 4)
        pictures = np.moveaxis(examples, 1, 3) if last else examples
        return GivenExamples("image", {"image": list(pictures)}, examples)
    raise DataError(f"An array of shape {examples.shape} and type {examples.dtype} holds no examples. {FORMS}.")


def _of_values(values: list[Any], given: Any, name: str, names: Sequence[str] | None = None) -> GivenExamples:
    first = values[0] if values else None
    if isinstance(first, str):
        return GivenExamples("text", {name: values}, given)
    if isinstance(first, Mapping):
        fields = dict.fromkeys(str(field) for row in values for field in row)
        return GivenExamples(
            "table", {field: [_plain(row.get(field)) for row in values] for field in fields}, given, True
        )
    if hasattr(first, "save") and hasattr(first, "getbands"):  # of Pillow
        return GivenExamples("image", {"image": [np.asarray(_flat(picture)) for picture in values]}, given)
    if isinstance(first, bytes) or (isinstance(first, np.ndarray) and first.ndim in (2, 3)):
        return GivenExamples("image", {"image": values}, given)
    if isinstance(first, Sequence | np.ndarray):
        try:
            return _of_array(np.asarray(values, np.float64), names)
        except (ValueError, TypeError) as error:
            raise DataError(f"The examples are lists that hold more than numbers. {FORMS}.") from error
    raise DataError(f"{_kind(given)} of such as {first!r:.40} holds no examples. {FORMS}.")


def _flat(picture: Any) -> Any:
    """A picture of Pillow in 8-bit grey or RGB."""
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _kind(value: object) -> str:
    return f"Something of the type '{type(value).__name__}'"
