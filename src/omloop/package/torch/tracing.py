"""How omloop uses torch's dynamo exporter. The older exporter is silently wrong for some networks."""

import contextlib
import inspect
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

from omloop.bundle import COORDINATES
from omloop.core import ExampleArray, Kind, Output, quiet_loggers
from omloop.kinds import Classes

OPSET = 18
Feeds = tuple[torch.Tensor, ...]


@dataclass(frozen=True)
class TracedNetwork:
    """A network in evaluation mode, with all that its export needs to know of what it takes and answers."""

    network: torch.nn.Module
    names: tuple[str, ...]
    example: Feeds
    shapes: tuple[object, ...]
    answers: tuple[str, ...]

    @classmethod
    def of(cls, model: torch.nn.Module, inputs: Kind, outputs: Output, examples: ExampleArray) -> Self:
        """The network with its inputs and answers. It wraps a model of transformers, which answers logits by name."""
        # Two rows: the exporter takes a size of 0 or 1 for a constant.
        feeds = inputs.feeds(np.resize(examples, (2, *examples.shape[1:])))
        example = tuple(torch.from_numpy(np.ascontiguousarray(feed)) for feed in feeds.values())
        network = model.eval()
        with torch.inference_mode():
            answer = network(*example)
        if hasattr(answer, "logits"):
            network, answer = Spoken(model, probabilities=isinstance(outputs, Classes)), None
        count = len(answer) if isinstance(answer, tuple) else 1
        answers = (outputs.graph_output, COORDINATES)[:count]
        return cls(network, tuple(feeds), example, _shapes(network, inputs), answers)

    def program(self, *, optimise: bool = True) -> Any:
        """The exported program; raises whatever the exporter wraps."""
        # torch 2.13 remembers from one export how a recurrent layer runs, and refuses the next one of the process.
        for recurrent in (torch.ops.aten.lstm.input, torch.ops.aten.gru.input):
            getattr(recurrent, "_dispatch_cache", {}).clear()
        with quiet():
            return torch.onnx.export(
                self.network,
                self.example,
                input_names=list(self.names),
                output_names=list(self.answers),
                dynamic_shapes=self.shapes,
                opset_version=OPSET,
                external_data=False,
                dynamo=True,
                optimize=optimise,
                verbose=False,
            )


class Spoken(torch.nn.Module):
    """A model of transformers with its last step: from the logits in its answer to probabilities, or to one number."""

    def __init__(self, network: torch.nn.Module, *, probabilities: bool) -> None:
        super().__init__()
        self.network = network
        self.probabilities = probabilities

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """Answer: (n, classes) probabilities, or (n,) numbers."""
        logits: torch.Tensor = self.network(*feeds).logits
        return torch.softmax(logits, dim=1) if self.probabilities else logits.squeeze(1)


def _shapes(model: torch.nn.Module, inputs: Kind) -> tuple[object, ...]:
    """Every axis of a feed that is not always of one length, in the nesting of the arguments of `forward`.

    That is the first, of rows, and those that differ between the inputs' extremes, such as the length of a text.
    """
    rows = torch.export.Dim("n")
    edges = inputs.edges()
    alone = [inputs.feeds(edges[row : row + 1]).values() for row in range(len(edges))]
    extremes = [[feed.shape for feed in feeds] for feeds in alone]
    each = tuple(
        {0: rows} | {axis: torch.export.Dim.DYNAMIC for axis in range(1, len(shapes[0])) if _vary(shapes, axis)}
        for shapes in zip(*extremes, strict=True)
    )
    arguments = inspect.signature(model.forward).parameters.values()
    varied = any(argument.kind is inspect.Parameter.VAR_POSITIONAL for argument in arguments)
    return (each,) if varied else each


def _vary(shapes: Sequence[tuple[int, ...]], axis: int) -> bool:
    return len({shape[axis] for shape in shapes}) > 1


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence the exporter's warnings about its own insides, and the graphs that it prints when it fails."""
    with (
        quiet_loggers(["torch.onnx", "torch.export", "onnxscript", "onnx_ir"]),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield
