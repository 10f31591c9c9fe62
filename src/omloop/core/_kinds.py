"""What an example is: the doors of kinds, each of a few verbs, and the values that pass through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, runtime_checkable

from omloop.core._arrays import ExampleArray, NumberArray
from omloop.core._explanations import Pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


Columns = Mapping[str, "Sequence[Any] | NDArray[Any]"]
"""Raw records: a name and its values, one a record, all of one length; what a value is, the project knows."""


class Demand(NamedTuple):
    """What answering a request will take, as far as can be told of its body before it is read.

    `pixels` are those to decode, `memory` the bytes that are taken meanwhile, beside the body itself. `opened` is what
    the look at the body found, for the reader of the same kind, which so need not look again; None where that is
    nothing, or too much to keep while a request waits.
    """

    rows: int
    pixels: int = 0
    memory: int = 0
    opened: Any = None


class Reader(Protocol):
    """Turns a body and its content type into examples, and into what `record` gives of them where that is known.

    `opened` is what the same kind's `demand` told of the body.
    """

    def __call__(
        self, content: bytes, media_type: str, opened: Any = None, /
    ) -> tuple[ExampleArray, Sequence[Mapping[str, object]] | None]:
        """Raises InputError with the field's path."""


class Observable(Protocol):
    """What drift detection looks at: flat rows of named numbers, of examples and of outputs alike."""

    def observe(self, rows: NumberArray, /) -> dict[str, NumberArray]:
        """Turn each example, or output, into a flat row of named numbers, by column; absent values are NaN."""

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """Every name that `observe` gives, with its categories, or with nothing for a plain number."""


@runtime_checkable
class TextValues(Protocol):
    """A column of raw texts that can be read many at a time; the same column is also a sequence of them."""

    def numbers(self) -> NDArray[np.float64] | None:
        """All of them as numbers, NaN for an empty or absent text; None unless each is plainly written, below 2**53."""

    def distinct(self) -> tuple[Sequence[str | None], NDArray[np.int64]] | None:
        """Each different text once, and which of those every value is; None where most are different."""


class RecordEncoder(Protocol):
    """Raw record columns become examples: what the room of data asks of a kind."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the raw record columns that make one example."""

    def encode(self, columns: Columns) -> ExampleArray:
        """Turn raw record columns into examples; raises DataError that names every bad column."""

    def bad_rows(self, columns: Columns) -> NDArray[np.bool_]:
        """Which records `encode` would refuse; booleans of shape (n,)."""

    def refusals(self, columns: Columns) -> dict[int, str]:
        """Why `encode` would refuse each of those records, by its number, in the words that a client is told."""

    def select(self, names: Sequence[str]) -> Self:
        """The same kind with only the named fields."""


class Wire(Protocol):
    """Requests become examples, and examples become requests: what a server asks of a kind."""

    def parse(self, rows: Sequence[object]) -> ExampleArray:
        """Turn decoded JSON values, one an example, into examples; raises InputError with the field's path."""

    def read(self, content: bytes, media_type: str) -> ExampleArray:
        """Turn a request's body into examples; raises InputError with the field's path."""

    def reader(self) -> Reader:
        """What does the same as `read`, compiled once for a server that reads many bodies."""

    def render(self, examples: ExampleArray) -> list[dict[str, object]]:
        """Turn examples back into the JSON values that `parse` takes."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """Content types that `read` understands, the usual one first."""

    def schema(self) -> dict[str, Any]:
        """JSON schema of one example as `parse` takes it."""


class Admission(Protocol):
    """What a server weighs before it reads a body; see `omloop.serve.limits`."""

    def demand(self, content: bytes, media_type: str) -> Demand:
        """What reading and answering a body will take, by a quick look at it; never raises."""


class Feeds(Protocol):
    """Examples become what models take: what training and packaging ask of a kind."""

    def feeds(self, examples: ExampleArray) -> dict[str, NDArray[np.generic]]:
        """Turn examples into the packaged graph's named inputs."""

    def batches(self, examples: ExampleArray, most: int) -> Sequence[NDArray[np.int64]]:
        """The numbers of examples that are best run together, at most `most` a batch; each number is in one batch."""

    def matrix(self, examples: ExampleArray) -> NDArray[np.float32]:
        """Turn examples into one float32 matrix of shape (n, features), for estimators."""

    def edges(self) -> ExampleArray:
        """Valid examples at the limits of what is accepted."""


class Observed(Observable, Protocol):
    """Examples as drift detection sees them, now and out of the prediction log."""

    def observe(self, examples: ExampleArray, /) -> dict[str, NumberArray]:
        """The same of examples, whatever those are."""

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """Observed numbers that drift detection also looks at together, under a name for them."""

    @property
    def bucket(self) -> int:
        """How many predictions drift detection counts and tests at a time."""

    def recall(self, records: Sequence[Mapping[str, object]]) -> dict[str, NumberArray]:
        """What `observe` gave for recorded examples."""


class Kept(Protocol):
    """What the prediction log keeps of examples, and what can be learned again from that."""

    def keeping(self, keep: bool) -> Self:
        """The same kind, whose `record` keeps whole examples, or only what `observe` gives of them."""

    def record(self, examples: ExampleArray) -> list[dict[str, object]]:
        """What the prediction log keeps of each example, as JSON values."""

    def replay(self, record: Mapping[str, object]) -> Mapping[str, object] | None:
        """A recorded example's raw fields, to learn from again; None where the log did not keep them."""


class Presentation(Protocol):
    """What people are told and shown of examples; most kinds have nothing to say here."""

    def remarks(self, examples: ExampleArray) -> list[dict[str, object]]:
        """What a client is told of each example beside the answer, as JSON values; most kinds have nothing to tell."""

    @property
    def remarks_schema(self) -> Mapping[str, dict[str, object]]:
        """JSON schema of each remark, by its name."""

    def glimpse(self, examples: ExampleArray) -> list[dict[str, object]]:
        """What a person is shown of each example beside what is observed, by field: its first words, a thumbnail."""

    @property
    def dates(self) -> frozenset[str]:
        """Which observed numbers are days since 1970-01-01, and are told as dates."""

    def preview(self, examples: ExampleArray) -> list[str]:
        """Each example as a piece of HTML, every text escaped; no pieces where `render` shows enough."""


class Perturbable(Protocol):
    """Examples and records that are made worse on purpose, to see what a model makes of them."""

    def shuffled(self, examples: ExampleArray, seed: int) -> Iterator[tuple[str, ExampleArray]]:
        """Each column's name with a copy of the examples in which it is shuffled; nothing where there are none."""

    @property
    def corruptions(self) -> tuple[str, ...]:
        """Names of the ways in which such inputs go wrong; see `corrupted`."""

    def corrupted(self, columns: Columns, name: str, strength: float, seed: int) -> Columns:
        """Raw record columns of which the kind's own went wrong, by a strength from 0 to 1; the others as they were."""

    def redrawn(self, columns: Columns, moved: NDArray[np.bool_], seed: int) -> Columns:
        """Raw record columns of which the kind's own have a little noise, and are far off where `moved`, shape (n,)."""


class Parted(Protocol):
    """Examples in pieces, some of which are left out, to see what an answer hangs on."""

    def recalled(self, observed: Mapping[str, NumberArray]) -> ExampleArray | None:
        """Examples again from what `observe` gave of them; None where that does not say all."""

    def pieces(self, example: ExampleArray, others: ExampleArray) -> Pieces | None:
        """One example, of shape (1, ...), in pieces; None where there are none.

        Others of the same project may stand in for pieces that are left out.
        """


class InputSpec(Protocol):
    """How a bundle keeps a kind, and what a delivery brings for it."""

    def describe(self) -> dict[str, object]:
        """A JSON value from which `restore` makes the same kind again."""

    @property
    def assets(self) -> Mapping[str, bytes]:
        """Files that a bundle carries for the kind, by name, such as a tokenizer; most kinds need none."""

    @property
    def extras(self) -> tuple[str, ...]:
        """Extras of omloop by which inputs are read sooner; everything works without them."""

    @classmethod
    def restore(cls, described: Mapping[str, object], files: Mapping[str, bytes]) -> Self:
        """The kind that `describe` described; `files` are the bundle's, the kind's assets among them."""


class Kind(
    RecordEncoder, Wire, Admission, Feeds, Observed, Kept, Presentation, Perturbable, Parted, InputSpec, Protocol
):
    """An input kind owns all that depends on what an example is: the sum of its doors; see `omloop.kinds`."""
