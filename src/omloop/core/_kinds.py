"""What an example and an answer are: the doors of kinds and outputs, and the values that pass through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from numpy.typing import NDArray


Columns = Mapping[str, "Sequence[Any] | NDArray[Any]"]
"""Raw records: a name and its values, one a record, all of one length."""


class Demand(NamedTuple):
    """What answering a request will take, as far as can be told of its body before it is read.

    `pixels` are those to decode, `memory` the bytes that are taken meanwhile, beside the body itself.
    """

    rows: int
    pixels: int = 0
    memory: int = 0


class Reader(Protocol):
    """Turns a body and its content type into examples, and into what `record` gives of them where that is known."""

    def __call__(self, content: bytes, media_type: str, /) -> tuple[NDArray[Any], Sequence[Any] | None]:
        """Raises InputError with the field's path."""


class Kind(Protocol):
    """An input kind owns all that depends on what an example is; see `omloop.kinds`."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the raw record columns that make one example."""

    def encode(self, columns: Columns) -> NDArray[Any]:
        """Turn raw record columns into examples; raises DataError that names every bad column."""

    def bad_rows(self, columns: Columns) -> NDArray[Any]:
        """Which records `encode` would refuse; booleans of shape (n,)."""

    def select(self, names: Sequence[str]) -> Self:
        """The same kind with only the named fields."""

    def parse(self, rows: Sequence[object]) -> NDArray[Any]:
        """Turn decoded JSON values, one an example, into examples; raises InputError with the field's path."""

    def read(self, content: bytes, media_type: str) -> NDArray[Any]:
        """Turn a request's body into examples; raises InputError with the field's path."""

    def reader(self) -> Reader:
        """What does the same as `read`, compiled once for a server that reads many bodies."""

    def demand(self, content: bytes, media_type: str) -> Demand:
        """What reading and answering a body will take, by a quick look at it; never raises."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """Content types that `read` understands, the usual one first."""

    def render(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """Turn examples back into the JSON values that `parse` takes."""

    def feeds(self, examples: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Turn examples into the packaged graph's named inputs."""

    def batches(self, examples: NDArray[Any], most: int) -> Sequence[NDArray[Any]]:
        """The numbers of examples that are best run together, at most `most` a batch; each number is in one batch."""

    def matrix(self, examples: NDArray[Any]) -> NDArray[Any]:
        """Turn examples into one float32 matrix of shape (n, features), for estimators."""

    def keeping(self, keep: bool) -> Self:
        """The same kind, whose `record` keeps whole examples, or only what `observe` gives of them."""

    def record(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """What the prediction log keeps of each example, as JSON values."""

    def replay(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A recorded example's raw fields, to learn from again; None where the log did not keep them."""

    def recall(self, records: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
        """What `observe` gave for recorded examples."""

    def shuffled(self, examples: NDArray[Any], seed: int) -> Iterator[tuple[str, NDArray[Any]]]:
        """Each column's name with a copy of the examples in which it is shuffled; nothing where there are none."""

    def observe(self, examples: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Turn each example into a flat row of named numbers, by column; absent values are NaN."""

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """Every name that `observe` gives, with its categories, or with nothing for a plain number."""

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """Observed numbers that drift detection also looks at together, under a name for them."""

    @property
    def bucket(self) -> int:
        """How many predictions drift detection counts and tests at a time."""

    def remarks(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """What a client is told of each example beside the answer, as JSON values; most kinds have nothing to tell."""

    @property
    def remarks_schema(self) -> Mapping[str, Any]:
        """JSON schema of each remark, by its name."""

    def glimpse(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """What a person is shown of each example beside what is observed, by field: its first words, a thumbnail."""

    @property
    def corruptions(self) -> tuple[str, ...]:
        """Names of the ways in which such inputs go wrong; see `corrupted`."""

    def corrupted(self, columns: Columns, name: str, strength: float, seed: int) -> Columns:
        """Raw record columns of which the kind's own went wrong, by a strength from 0 to 1; the others as they were."""

    def edges(self) -> NDArray[Any]:
        """Valid examples at the limits of what is accepted."""

    def schema(self) -> dict[str, Any]:
        """JSON schema of one example as `parse` takes it."""

    def describe(self) -> dict[str, Any]:
        """A JSON value from which `restore` makes the same kind again."""

    @property
    def assets(self) -> Mapping[str, bytes]:
        """Files that a bundle carries for the kind, by name, such as a tokenizer; most kinds need none."""

    @classmethod
    def restore(cls, described: Mapping[str, Any], files: Mapping[str, bytes]) -> Self:
        """The kind that `describe` described; `files` are the bundle's, the kind's assets among them."""


class Output(Protocol):
    """What a model answers: a number, or one of some classes."""

    def select(self, names: Sequence[str]) -> Self:
        """The same output with only the named classes; with all of them for no names."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that are reported, the main one first."""

    @property
    def plots(self) -> tuple[str, ...]:
        """Names of the plots that show how outputs fit the truth; see `omloop.track.plots`."""

    @property
    def graph_output(self) -> str:
        """Name of the packaged graph's output."""

    def encode(self, values: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
        """Turn raw targets into what a model learns; raises DataError for a target that cannot be."""

    def decide(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """What is answered to each row, in the form of `encode`; shape (n,)."""

    def parse(self, label: object) -> Any:
        """Check one label that came as feedback and return it as JSON keeps it; raises InputError."""

    def read_label(self, text: str) -> object:
        """Turn a label's text, as a CSV holds it, into what `parse` checks."""

    def answer(self, outputs: NDArray[Any]) -> list[dict[str, Any]]:
        """Turn a model's outputs into the JSON values that a client gets."""

    def gather(self, answers: Sequence[Mapping[str, Any]]) -> NDArray[Any]:
        """Turn answers back into outputs."""

    @property
    def error(self) -> str:
        """What the mean of `errors` is called, such as `error rate`."""

    def errors(self, truth: NDArray[Any], outputs: NDArray[Any]) -> NDArray[Any]:
        """How wrong each answer is, 0 for right; shape (n,)."""

    def hints(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """What each answer itself says of its own error, such as how sure it is; shape (n,)."""

    def worst(self, truth: NDArray[Any], outputs: NDArray[Any], most: int) -> list[tuple[int, str]]:
        """Rows of up to so many of the worst answers, the worst first, with what to say of each; no right answer."""

    def observe(self, outputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Turn outputs into flat rows of named numbers, as a kind does for examples."""

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """Every name that `observe` gives, with its categories, or with nothing for a plain number."""

    def schema(self) -> dict[str, Any]:
        """JSON schema of one answer."""

    def describe(self) -> dict[str, Any]:
        """A JSON value from which `restore` makes the same output again."""

    @classmethod
    def restore(cls, described: Mapping[str, Any]) -> Self:
        """The output that `describe` described."""
