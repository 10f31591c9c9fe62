"""Running the packaged model: ONNX Runtime on the CPU, with threads from the container's quota."""

from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from omloop.bundle.bundle import MODEL, Bundle
from omloop.bundle.cpu import cpu_quota
from omloop.core import BundleError, Kind, Output

BATCH = 512
"""Rows of one run of the graph: what goes in and what lies between grows with them, as with texts and pictures."""


class Session:
    """A packaged model that answers. Safe to call from several threads at once.

    `threads` is the number of threads of one call; 0 takes the CPU quota.
    """

    def __init__(self, model: bytes, inputs: Kind, outputs: Output, *, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or cpu_quota()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.inputs = inputs
        self.outputs = outputs
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise BundleError(f"ONNX Runtime cannot load the model: {_first_line(error)}. Package it again.") from error
        names = [output.name for output in self._session.get_outputs()]
        if outputs.graph_output not in names:
            raise BundleError(
                f"The graph has no output '{outputs.graph_output}', only {', '.join(names)}. Package the model again."
            )

    @classmethod
    def of(cls, bundle: Bundle, *, threads: int = 0) -> Self:
        """The session of a bundle's model."""
        return cls(bundle.files[MODEL], bundle.manifest.kind(), bundle.manifest.output(), threads=threads)

    def predict(self, examples: NDArray[Any]) -> NDArray[np.float64]:
        """Answer every example: shape (n,) for a number, (n, classes) for classes.

        Raises BundleError when the graph does not take these examples, or does not answer each of them.
        """
        parts = [self._run(examples[start : start + BATCH]) for start in range(0, max(1, len(examples)), BATCH)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def self_test(self, bundle: Bundle, *, tolerance: float = 1e-4) -> None:
        """Compare the answers to the bundle's examples with those it recorded; raises BundleError if they differ."""
        try:
            recorded = np.asarray(bundle.examples.outputs, np.float64)
        except (ValueError, TypeError) as error:
            raise BundleError(
                "The answers that the bundle recorded are no numbers. Package the model again."
            ) from error
        answers = self.predict(self.inputs.parse(bundle.examples.rows))
        scale = max(1.0, float(np.abs(recorded).max(initial=0.0)))
        difference = float(np.abs(answers - recorded).max(initial=0.0)) if answers.shape == recorded.shape else np.inf
        if not difference <= tolerance * scale:
            raise BundleError(
                f"The model answers its own examples differently on this machine (by {difference:g}). Package it again."
            )

    def _run(self, examples: NDArray[Any]) -> NDArray[np.float64]:
        feeds = self.inputs.feeds(examples)
        try:
            (result,) = self._session.run([self.outputs.graph_output], feeds)
            answers = np.asarray(result, np.float64)
            return answers.reshape(len(examples)) if self.outputs.graph_output == "value" else answers
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise BundleError(f"The model cannot answer: {_first_line(error)}. Package it again.") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
