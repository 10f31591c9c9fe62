"""The pooled examples of a dataset, for the checks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, Dataset, ExampleArray, Kind, NumberArray, Project
from omloop.data.identity import Identity
from omloop.data.rows import take_rows


@dataclass(frozen=True)
class Pool:
    """A dataset's three parts end to end, as the checks see them; all arrays have shape (n, ...).

    `inputs` is a number for each example, equal for equal inputs. `place` is 0, 1 or 2 (train, validation, test).
    `rows` are positions in the source's `records`. `identity` says which of these were live and when they came; None
    where nobody knows.
    """

    project: Project
    kind: Kind
    records: Columns
    dataset: Dataset
    inputs: NDArray[np.uint64]
    place: NDArray[np.int64]
    targets: NumberArray
    rows: NDArray[np.int64]
    identity: Identity | None = None

    @classmethod
    def of(
        cls, project: Project, kind: Kind, records: Columns, dataset: Dataset, identity: Identity | None = None
    ) -> Pool:
        """Pool the parts and name every input by its content."""
        parts = (dataset.train, dataset.validation, dataset.test)
        return cls(
            project=project,
            kind=kind,
            records=records,
            dataset=dataset,
            inputs=np.concatenate([content_numbers(part.examples) for part in parts]),
            place=np.repeat(np.arange(3), [len(part) for part in parts]),
            targets=np.concatenate([part.targets for part in parts]),
            rows=np.concatenate([np.asarray(part.rows, np.int64) for part in parts]),
            identity=identity,
        )

    def column(self, name: str) -> Sequence[Any] | NDArray[Any]:
        """A raw column's value for each example."""
        return take_rows({name: self.records[name]}, self.rows)[name]

    @property
    def classes(self) -> tuple[str, ...]:
        """The words of the answer; nothing where it is a number."""
        return self.project.outputs.observed.get("prediction", ())


def content_numbers(examples: ExampleArray) -> NDArray[np.uint64]:
    """A number for each example that is equal where the examples are; shape (n,).

    >>> a, b, c = content_numbers(np.array([[1, 2], [1, 3], [1, 2]], np.float32))
    >>> bool(a == c), bool(a == b)
    (True, False)
    """
    contents: Iterable[bytes]
    if examples.dtype == object:
        contents = (str(example).encode(errors="surrogatepass") for example in examples)
    elif examples.dtype.hasobject:  # whose bytes hold addresses, and what happened to lie between the fields
        contents = (repr([field.tolist() for field in example]).encode() for example in examples)
    else:
        contents = (example.tobytes() for example in np.ascontiguousarray(examples))
    digests = (hashlib.blake2b(content, digest_size=8).digest() for content in contents)
    return np.frombuffer(b"".join(digests), np.uint64)
