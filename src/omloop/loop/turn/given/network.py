"""A trained network of torch, with its training inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError, ExampleArray, Fitted, Kind, TrainError
from omloop.loop.turn.given.estimator import Read
from omloop.loop.turn.given.inputs import image_of, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omloop.loop.turn.given.examples import GivenExamples

LOOKED_AT = 64
"""How many examples to try a network's inputs and outputs with."""


def read_by_network(examples: GivenExamples, inputs: Kind | None) -> Read:
    """What a network reads; raises DataError for columns that are no numbers, which it cannot know, unless declared."""
    if examples.what == "text" and inputs is None:
        raise DataError(
            "A network reads tokens, and which tokenizer made them is not known. Give "
            "inputs=omloop.kinds.Text(NAME).tokenized(CONTENT, TOKENS), with the content of its tokenizer.json."
        )
    if inputs is not None:
        return Read(inputs, examples)
    if examples.what == "image":
        return Read(image_of(examples.columns["image"]), examples)
    table = table_of(examples, list(examples.columns), {})
    words = [column.name for column in table.columns if column.type == "category"]
    if words:
        raise DataError(
            f"The column '{words[0]}' holds words, and a network reads numbers. Give the numbers that it was trained "
            "on, or declare the columns by inputs=omloop.kinds.Table(...): a word is then its place among the "
            "categories."
        )
    return Read(table, examples)


def classes_learned(network: Any, read: Read, examples: ExampleArray, values: Sequence[Any]) -> list[str] | None:
    """The places of a network's classes as texts, 0, 1, ...; None where it answers a number.

    One number an example is that of the second of two classes where all targets are two, such as 0 and 1.
    """
    from omloop.package.torch.given import width_of

    width = width_of(network, _feed(read.kind, examples))
    if width == 1 and len(set(values)) != 2:
        return None
    return [str(place) for place in range(max(2, width))]


def network_fitted(network: Any, read: Read, examples: ExampleArray, *, classes: bool, answers: str | None) -> Fitted:
    """The network as all that follows takes it."""
    import torch

    from omloop.package.torch.given import given_network

    if answers not in (None, "logits", "probabilities"):
        raise TrainError(f"answers={answers!r:.40} is not known; it is 'logits' or 'probabilities'.")
    whole = given_network(network, _feed(read.kind, examples), classes=classes, answers=answers)  # type: ignore[arg-type]

    def predict(found: ExampleArray) -> NDArray[np.float64]:
        pieces = [whole(torch.from_numpy(_feed(read.kind, found[rows]))) for rows in _batches(len(found))]
        return torch.cat(pieces).double().numpy()

    return Fitted("torch", whole, torch.inference_mode()(predict), read.kind)


def _batches(count: int) -> list[slice]:
    return [slice(start, start + LOOKED_AT) for start in range(0, count, LOOKED_AT)]


def _feed(kind: Kind, examples: ExampleArray) -> Any:
    feeds = list(kind.feeds(examples).values())
    if len(feeds) != 1:
        raise DataError("A network of several inputs cannot be added. Train it in a project.")
    return np.ascontiguousarray(feeds[0])
