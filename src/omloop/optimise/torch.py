"""From torch to ONNX, with torch's dynamo exporter. The older exporter is silently wrong for some networks."""

import contextlib
import inspect
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from omloop.core import ExportError, Fitted, Kind, Output
from omloop.optimise.graph import finished, first_line

OPSET = 18


def export(fitted: Fitted, inputs: Kind, outputs: Output, examples: NDArray[Any]) -> bytes:
    """Export a network in evaluation mode, on any number of rows at once.

    Raises ExportError that says which operation ONNX cannot express.
    """
    # An example of two rows: the exporter takes a size of 0 or 1 for a constant.
    feeds = inputs.feeds(np.resize(examples, (2, *examples.shape[1:])))
    fitted.model.eval()
    try:
        with _quiet():
            program = torch.onnx.export(
                fitted.model,
                tuple(torch.from_numpy(np.ascontiguousarray(feed)) for feed in feeds.values()),
                input_names=list(feeds),
                output_names=[outputs.graph_output],
                dynamic_shapes=_shapes(fitted.model, len(feeds)),
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


def _shapes(model: torch.nn.Module, feeds: int) -> tuple[Any, ...]:
    """Every feed's first axis, whatever its length, in the nesting of the arguments of `forward`."""
    rows = torch.export.Dim("n")
    each = tuple({0: rows} for _ in range(feeds))
    arguments = inspect.signature(model.forward).parameters.values()
    varied = any(argument.kind is inspect.Parameter.VAR_POSITIONAL for argument in arguments)
    return (each,) if varied else each


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
