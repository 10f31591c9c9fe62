"""A fitted estimator or pipeline of scikit-learn, or of a library like it, with its training columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError, ExampleArray, Fitted, Kind, TrainError, did_you_mean, some
from omloop.kinds import Table
from omloop.loop.turn.given.inputs import image_of, table_of, unknown_word

if TYPE_CHECKING:
    from omloop.loop.turn.given.examples import GivenExamples

AT_ONCE = 50_000
HELPS = "Give the examples as the model was given its training data: the same columns, of the same types"
READ = ("number", "integer", "boolean", "category")
"""The column types to try an estimator with; a graph can express them too."""


@dataclass(frozen=True)
class Frames:
    """Rows of a table in an estimator's own form: `make` makes its frame of columns by name, None an array.

    An absent word is `absent`, and `single` makes numbers float32.
    """

    table: Table
    make: Callable[[Mapping[str, Any]], Any] | None
    absent: Any = None
    single: bool = False

    def __call__(self, examples: ExampleArray) -> Any:
        """The frame, or the array, of some rows."""
        rows = self.table.matrix(examples).astype(np.float64)
        columns = {one.name: self._values(place, rows[:, place]) for place, one in enumerate(self.table.columns)}
        if self.make is not None:
            return self.make(columns)
        if any(one.type == "category" for one in self.table.columns):
            return np.array(list(zip(*(column.tolist() for column in columns.values()), strict=True)), object)
        return np.stack(
            [column.astype(np.float32 if self.single else np.float64) for column in columns.values()], axis=1
        )

    def _values(self, place: int, values: NDArray[np.float64]) -> NDArray[Any]:
        from omloop.package.sklearn.exact import as_written

        column, absent = self.table.columns[place], np.isnan(values)
        if column.type == "category":
            words = np.array([*column.words, self.absent], object)
            return words[np.where(absent, len(column.words), values).astype(np.int64)]
        if column.type == "number":
            return values.astype(np.float32) if self.single else as_written(values)
        if absent.any():
            return values
        return values.astype(bool if column.type == "boolean" else np.int64)


@dataclass(frozen=True)
class Read:
    """An input kind, the `examples` by its names, the model's input from them, and the model's own columns.

    `columns` are the positions of its columns among the estimator's training columns. `words` are the words behind the
    numbers in a column of words, `brightest` the divisor of pixels.
    """

    kind: Kind
    examples: GivenExamples
    rows: Callable[[ExampleArray], Any] = lambda found: found
    columns: tuple[int, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    brightest: int = 255
    notes: tuple[str, ...] = ()


def read_by(estimator: Any, examples: GivenExamples, inputs: Kind | None) -> Read:
    """What the estimator reads; raises DataError or TrainError where that is not what the examples hold."""
    if examples.what == "table":
        return _table(estimator, examples, inputs)
    if examples.what == "image":
        return _pictures(estimator, examples, inputs or image_of(examples.columns["image"]))
    return _texts(estimator, examples, inputs)


def fitted_of(estimator: Any, read: Read, places: Sequence[int], count: int) -> Fitted:
    """The estimator as all that follows takes it; `places` are those of its classes among `count`, none for numbers."""
    from omloop.package.sklearn.given import GivenEstimator
    from omloop.package.sklearn.sklearn import Reading

    reading = Reading(
        tuple(places), read.words if any(read.words) else (), read.brightest, scaled=not read.examples.single
    )

    def predict(found: ExampleArray) -> NDArray[np.float64]:
        starts = range(0, max(1, len(found)), AT_ONCE)
        rows = [read.rows(found[start : start + AT_ONCE]) for start in starts]
        return np.concatenate([answers_of(estimator, one, places, count) for one in rows])

    return Fitted("given_estimator", GivenEstimator(estimator, reading, read.columns), predict, read.kind)


def answers_of(estimator: Any, rows: Any, places: Sequence[int], count: int) -> NDArray[np.float64]:
    """What the estimator answers to rows as it reads them; raises TrainError with what helps where it refuses them."""
    from omloop.package.sklearn.given import asked

    if not len(places):
        found = np.asarray(asked(estimator.predict, rows, _helps), np.float64)
        if found.size != len(rows):
            raise TrainError(f"The model answers {found.shape[1:]} numbers to an example, and one is needed.")
        return found.reshape(len(rows))
    known = np.asarray(asked(estimator.predict_proba, rows, _helps), np.float64)
    answers = np.zeros((len(known), count))
    answers[:, list(places)] = known
    return answers


def _helps(said: str) -> str:
    if "NaN" in said or "missing values" in said:
        return (
            "Values are absent in the examples. Put a SimpleImputer before the model, or give examples without absent "
            "values: then requests with one are refused."
        )
    return f"{HELPS}."


def _table(estimator: Any, examples: GivenExamples, inputs: Kind | None) -> Read:
    from omloop.package.sklearn.columns import chosen_places, known_words
    from omloop.package.sklearn.vectorizers import vectorizers_of

    if found := vectorizers_of(estimator):
        raise DataError(
            f"A {type(found[0]).__name__} reads a column of the table, and the words of a table are packaged as "
            "categories alone. Give a pipeline that reads texts a list of them, or train in a project, where a table "
            "may have columns of texts."
        )
    examples = _named(estimator, examples)
    every = _own_names(estimator) or list(examples.columns)
    chosen = chosen_places(estimator)
    columns = tuple(range(len(every)) if chosen is None else chosen)
    fields = [every[place] for place in columns]
    _require_columns(fields, examples)
    known = {every[place]: words for place, words in known_words(estimator).items() if place < len(every)}
    make, absent = _maker(estimator, examples)
    if inputs is None:
        frames = Frames(table_of(examples, fields, known), make, absent, examples.single)
        closed = [name for name in known if name in fields and _closed(estimator, frames, examples, name, known[name])]
        table: Any = table_of(examples, fields, known, closed)
    else:
        table = inputs.select(fields)
    _require_readable(table)
    words = tuple(column.words for column in table.columns)
    left = [name for name in examples.columns if name not in fields]
    notes = (f"the model does not read {some(left)}",) if left else ()
    if inputs is None:
        table = Table(table.columns, dict.fromkeys(left, "the model does not read it; leave it out"))
    return Read(table, examples, Frames(table, make, absent, examples.single), columns, words, notes=notes)


def _own_names(estimator: Any) -> list[str]:
    return [str(name) for name in getattr(estimator, "feature_names_in_", ())]


def _named(estimator: Any, examples: GivenExamples) -> GivenExamples:
    """The examples with the names that the estimator has for their columns, where they came without any."""
    own, given = _own_names(estimator), list(examples.columns)
    if own and examples.named:
        return examples
    count = len(own) or getattr(estimator, "n_features_in_", len(given))
    if len(given) != count:
        raise DataError(f"The model was fitted on {count} columns, and the examples have {len(given)}. {HELPS}.")
    return replace(examples, columns=dict(zip(own or given, examples.columns.values(), strict=True)))


def _require_columns(fields: Sequence[str], examples: GivenExamples) -> None:
    lacking = [name for name in fields if name not in examples.columns]
    if lacking:
        near = did_you_mean(lacking[0], examples.columns)
        raise DataError(f"The model reads {some(lacking)}, which the examples do not have.{near} {HELPS}.")
    counts = {len(examples.columns[name]) for name in fields}
    if len(counts) > 1:
        raise DataError(f"The columns of the examples are of several lengths, {min(counts)} to {max(counts)}.")


def _require_readable(table: Table) -> None:
    wrong = next((column for column in table.columns if column.type not in READ), None)
    if wrong is not None:
        raise DataError(
            f"The column '{wrong.name}' is a {wrong.type}, and a model that is added reads numbers, truth values and "
            "words. Make numbers of it before training."
        )


def _maker(estimator: Any, examples: GivenExamples) -> tuple[Callable[[Mapping[str, Any]], Any] | None, Any]:
    """The maker of a frame like the estimator's training frame, and its form of an absent word."""
    if not _own_names(estimator):
        return None, None
    made, given = examples.frame or _frames(), examples.given
    if made.__module__.startswith("polars"):
        return lambda columns: made({name: _of_polars(values) for name, values in columns.items()}), None
    objects = [] if examples.frame is None else [given[name] for name in given.columns if given[name].dtype == object]
    return made, None if any(value is None for column in objects for value in column) else np.nan


def _frames() -> Any:
    """The data frame of pandas, or, without pandas, of polars."""
    try:
        from pandas import DataFrame

        return DataFrame
    except ModuleNotFoundError:
        from polars import DataFrame as Frame

        return Frame


def _of_polars(values: NDArray[Any]) -> Any:
    return values.tolist() if values.dtype == object else values


def _closed(estimator: Any, frames: Frames, examples: GivenExamples, name: str, known: Sequence[object]) -> bool:
    """Whether the estimator refuses a value that its encoder for a column does not know."""
    row: dict[str, Any] = {field: [examples.columns[field][0]] for field in frames.table.fields}
    words = [one for one in known if isinstance(one, str)]
    numbers = [one for one in known if isinstance(one, int | float | np.number)]
    row[name] = [unknown_word(words) if words else max(numbers, default=0) + 1]
    try:
        estimator.predict(frames(frames.table.encode(row)))
    except DataError:  # it is closed already
        return False
    except (ValueError, TypeError, KeyError):
        return True
    return False


def _pictures(estimator: Any, examples: GivenExamples, kind: Kind) -> Read:
    first = examples.columns["image"][0]
    brightest = 255 if isinstance(first, np.ndarray) and first.dtype.kind == "f" else 1

    def rows(found: ExampleArray) -> NDArray[np.float32]:
        (pixels,) = kind.feeds(found).values()
        return pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(brightest)

    few = rows(kind.encode({kind.fields[0]: examples.columns["image"][:1]}))
    wanted = getattr(estimator, "n_features_in_", few.shape[1])
    if wanted != few.shape[1]:
        raise DataError(
            f"The model was fitted on {wanted} columns, and a picture of the examples is {few.shape[1]} values in a "
            "row. Give pictures of the size that it was fitted on."
        )
    return Read(kind, examples, rows, brightest=brightest)


def _texts(estimator: Any, examples: GivenExamples, inputs: Kind | None) -> Read:
    """Texts as they are, or in lower case like the estimator's vectorizer; the estimator itself gets the former."""
    from omloop.kinds import Text
    from omloop.package.sklearn.vectorizers import vectorizers_of

    (name,) = examples.columns
    lower = any(one.lowercase for one in vectorizers_of(estimator))
    kind = inputs or Text(name, whole="lower" if lower else "as it is")
    return Read(kind, examples, list)
