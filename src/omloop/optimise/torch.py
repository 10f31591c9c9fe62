"""From torch to ONNX, with torch's dynamo exporter. The older exporter is silently wrong for some networks."""

import contextlib
import inspect
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from omloop.bundle import COORDINATES
from omloop.core import ExportError, Fitted, Kind, Output
from omloop.optimise.graph import finished, first_line

OPSET = 18


def export(fitted: Fitted, inputs: Kind, outputs: Output, examples: NDArray[Any]) -> bytes:
    """Export a network in evaluation mode, on any number of rows at once, and of any length that its inputs may have.

    Raises ExportError that says which operation ONNX cannot express.
    """
    # An example of two rows: the exporter takes a size of 0 or 1 for a constant.
    feeds = inputs.feeds(np.resize(examples, (2, *examples.shape[1:])))
    fitted.model.eval()
    example = tuple(torch.from_numpy(np.ascontiguousarray(feed)) for feed in feeds.values())
    try:
        with _quiet():
            answers = _answers(fitted.model, example)
            program = torch.onnx.export(
                fitted.model,
                example,
                input_names=list(feeds),
                output_names=[outputs.graph_output, COORDINATES][:answers],
                dynamic_shapes=_shapes(fitted.model, inputs),
                opset_version=OPSET,
                external_data=False,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter wraps whatever it meets
        raise ExportError(
            f"The network cannot be packaged as ONNX: {_reason(error)}. Write `forward` with tensor operations alone: "
            "no branches on values, no NumPy, no fixed number of rows."
        ) from error
    if program is None:
        raise ExportError("The network was not exported. Update torch and onnxscript (see constraints.txt).")
    return finished(program.model_proto)


def _answers(model: torch.nn.Module, example: tuple[torch.Tensor, ...]) -> int:
    """How many tensors the model answers: the second, if any, is where it sees an example."""
    with torch.inference_mode():
        answer = model(*example)
    return len(answer) if isinstance(answer, tuple) else 1


def _shapes(model: torch.nn.Module, inputs: Kind) -> tuple[Any, ...]:
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


def _reason(error: BaseException) -> str:
    """What lies at the bottom: the exporter wraps the first error in advice on how to report it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return first_line(error)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's warnings about its own insides, and the graphs that it prints when it fails."""
    logs = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir")]
    levels = [log.level for log in logs]
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        for log in logs:
            log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for log, level in zip(logs, levels, strict=True):
                log.setLevel(level)
